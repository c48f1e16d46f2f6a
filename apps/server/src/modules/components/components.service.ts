import type { Component, ComponentRepository, DeviceComponent, ReleaseOfComponent } from '@holdfast/api';
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
import { ComponentsError, createComponentNotFound } from './components.errors.ts';
import { findRepository } from './sources.store.ts';

/** What there is, and how devices are with it. */
export class ComponentService {
  readonly #platform: Pick<Platform, 'database' | 'clock'>;
  readonly #directory: Pick<DirectoryModule, 'findDevices'>;

  constructor(
    platform: Pick<Platform, 'database' | 'clock'>,
    directory: Pick<DirectoryModule, 'findDevices'>,
  ) {
    this.#platform = platform;
    this.#directory = directory;
  }

  async list(actor: Actor): Promise<{ components: Component[]; repository: ComponentRepository | null }> {
    requirePermission(actor, 'components:read');
    const { database } = this.#platform;
    const repository = await findRepository(database);
    return {
      components: await listComponentRows(database),
      repository: repository === undefined ? null : toRepository(repository),
    };
  }

  /** @throws ComponentsError COMPONENT_NOT_FOUND */
  async get(actor: Actor, id: string): Promise<{ component: Component; releases: ReleaseOfComponent[] }> {
    requirePermission(actor, 'components:read');
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
   * @throws ComponentsError COMPONENT_STATES_REPEATED
   */
  async recordReports(productNumber: number, reports: readonly ComponentReport[]): Promise<void> {
    const ids = new Set(reports.map(({ component }) => component));
    if (ids.size < reports.length)
      throw new ComponentsError('COMPONENT_STATES_REPEATED', 'A component is named twice.');
    const { database, clock } = this.#platform;
    await inTransaction(database, async (transaction) => {
      await saveReports(transaction, productNumber, reports, new Date(clock.now()));
    });
  }
}
