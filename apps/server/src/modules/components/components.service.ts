import type { Component, ComponentRepository, DeviceComponent, ReleaseOfComponent } from '@holdfast/api';
import { isComponentId } from '@holdfast/components';
import { type Actor, requirePermission } from '../../platform/access/actor.ts';
import { inTransaction } from '../../platform/database/index.ts';
import type { Platform } from '../../platform/platform.ts';
import { createDeviceNotFound, deviceSight, type DirectoryModule } from '../directory/index.ts';
import {
  type ComponentReport,
  listComponentRows,
  listDeviceComponentRows,
  listReleaseRows,
  saveReports,
} from './catalogue.store.ts';
import { toRepository } from './component-sources.service.ts';
import { createComponentNotFound } from './components.errors.ts';
import { findRepository } from './sources.store.ts';

/** More than any product has; the message that brings them is bounded as well. */
export const MAX_REPORTS = 500;

/** What there is, and how devices are with it. */
export class ComponentService {
  readonly #platform: Pick<Platform, 'database'>;
  readonly #directory: Pick<DirectoryModule, 'findDevices'>;

  constructor(platform: Pick<Platform, 'database'>, directory: Pick<DirectoryModule, 'findDevices'>) {
    this.#platform = platform;
    this.#directory = directory;
  }

  async list(actor: Actor): Promise<{ components: Component[]; repository: ComponentRepository | null }> {
    requirePermission(actor, 'components:view');
    const { database } = this.#platform;
    const repository = await findRepository(database);
    return {
      components: await listComponentRows(database),
      repository: repository === undefined ? null : toRepository(repository),
    };
  }

  /** @throws ComponentsError COMPONENT_NOT_FOUND */
  async get(actor: Actor, id: string): Promise<{ component: Component; releases: ReleaseOfComponent[] }> {
    requirePermission(actor, 'components:view');
    const { database } = this.#platform;
    const [component] = await listComponentRows(database, id);
    if (component === undefined) throw createComponentNotFound();
    return { component, releases: await listReleaseRows(database, id) };
  }

  /** @throws DirectoryError DEVICE_NOT_FOUND */
  async listOfDevice(actor: Actor, deviceId: string): Promise<DeviceComponent[]> {
    requirePermission(actor, 'directory:read');
    const { database } = this.#platform;
    const [device] = await this.#directory.findDevices(database, [deviceId]);
    if (device === undefined) throw createDeviceNotFound();
    requirePermission(actor, 'directory:read', device.group.path, deviceSight);
    return await listDeviceComponentRows(database, deviceId);
  }

  /**
   * Takes what a product says of all its components, which takes the place of what it said before.
   *
   * @throws RangeError for what its message should have refused
   */
  async recordReports(productNumber: number, reports: readonly ComponentReport[]): Promise<void> {
    const ids = new Set(reports.map(({ component }) => component));
    if (reports.length > MAX_REPORTS || ids.size < reports.length)
      throw new RangeError(`reports must be at most ${MAX_REPORTS}, each of another component`);
    if (reports.some(({ component }) => !isComponentId(component)))
      throw new RangeError('reports must name components');
    await inTransaction(this.#platform.database, async (transaction) => {
      await saveReports(transaction, productNumber, reports);
    });
  }
}
