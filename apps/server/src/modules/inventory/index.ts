/**
 * The facts of each device as its agent reports them: system, hardware, disks and their encryption, addresses.
 * Promises that only the product that stands for a device reports its facts, that only what the contract knows is
 * stored, cut to the contract's bounds, and that there is one row for each device. It keeps no history.
 */
import { registerErrorStatus } from '../../platform/http/error-status.ts';
import type { Platform } from '../../platform/platform.ts';
import type { DirectoryModule } from '../directory/index.ts';
import type { PresenceModule } from '../presence/index.ts';
import { inventoryErrorStatus } from './inventory.errors.ts';
import { inventoryEvents } from './inventory.events.ts';
import { registerInventoryRoutes } from './inventory.routes.ts';
import { InventoryService } from './inventory.service.ts';
import './inventory.tables.ts';

export interface InventoryDependencies {
  readonly platform: Pick<Platform, 'database' | 'clock' | 'events' | 'recordEvents' | 'registerMcpRoute'>;
  readonly directory: DirectoryModule;
  readonly presence: PresenceModule;
}

export function createInventoryModule({ platform, directory, presence }: InventoryDependencies): void {
  registerErrorStatus(inventoryErrorStatus);
  platform.events.define(inventoryEvents);
  registerInventoryRoutes(platform.registerMcpRoute, new InventoryService({ platform, directory, presence }));
}
