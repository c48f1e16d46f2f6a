import { getSystemState } from '@holdfast/api';
import type { Platform } from '../../platform/platform.ts';
import type { SystemService } from './system.service.ts';

export function registerSystemRoutes(
  { registerRoute }: Pick<Platform, 'registerRoute'>,
  service: SystemService,
): void {
  registerRoute(getSystemState, async ({ actor }) => await service.getState(actor));
}
