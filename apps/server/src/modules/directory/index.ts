/**
 * What there is: the tree of groups, the devices in it, the managed products on them, the recycle bin. Promises that
 * a device is in exactly one group, that what a caller may not see does not exist for that caller, that a plan which
 * was shown is carried out as shown or refused, and that removing unregisters nothing until it is made final. It
 * does not know who is alive (`presence`) nor who may join (`registration`).
 */
import type { Permission } from '@holdfast/api';
import { type Actor, requirePermission } from '../../platform/access/actor.ts';
import type { Database, Transaction } from '../../platform/database/index.ts';
import { registerErrorStatus } from '../../platform/http/error-status.ts';
import type { Platform } from '../../platform/platform.ts';
import type { PresenceModule } from '../presence/index.ts';
import { DeviceChangeService } from './device-changes.service.ts';
import { type DeviceFilterInput, DeviceListService } from './device-list.service.ts';
import { listSelectedProducts } from './device-list.store.ts';
import {
  type DeviceTargets,
  findDevices,
  holdDevices,
  selectDevices,
  type SelectedDevice,
} from './device-selection.service.ts';
import { registerDeviceRoutes } from './devices.routes.ts';
import { DeviceService, type ProductCalls } from './devices.service.ts';
import { deviceSight } from './directory-change.ts';
import { createDeviceNotFound, directoryErrorStatus } from './directory.errors.ts';
import { directoryEvents } from './directory.events.ts';
import { DirectorySummaryService } from './directory-summary.service.ts';
import './directory.tables.ts';
import type { GroupRecord } from './group-tree.ts';
import { GroupService } from './groups.service.ts';
import { registerGroupRoutes } from './groups.routes.ts';
import { findGroup, lockTree } from './groups.store.ts';
import { ProductRecords } from './product-records.service.ts';
import { listTakenNumbers } from './newcomers.store.ts';
import { findProduct, listPrimaryProducts, type ProductRecord } from './products.store.ts';
import { RecycleBinService } from './recycle-bin.service.ts';

export type { DeviceFilterInput } from './device-list.service.ts';
export { countOf, createChangePlan } from './change-plan.ts';
export type { DeviceTargets, SelectedDevice } from './device-selection.service.ts';
export { type Caller, deviceSight, requireGroup } from './directory-change.ts';
export {
  createDeviceNotFound,
  createDirectoryChanged,
  createGroupNotFound,
  createTagNotFound,
} from './directory.errors.ts';
export { placeEvents } from './directory.events.ts';
export { type GroupRecord, NEW_DEVICES_GROUP_ID, TOP_GROUP_ID } from './group-tree.ts';
export { findDistinctions } from './namesakes.service.ts';
export type { JoinedProduct, JoiningProduct, ProductRecords } from './product-records.service.ts';
export type { ProductRecord } from './products.store.ts';

export interface DirectoryDependencies {
  readonly platform: Pick<
    Platform,
    'database' | 'clock' | 'events' | 'createId' | 'recordAuditEntry' | 'recordEvents' | 'registerRoute'
  >;
  readonly presence: PresenceModule;
  readonly calls: ProductCalls;
}

export interface DirectoryModule {
  /**
   * Ids from the top group down to this one; `undefined` when there is no such group outside the recycle bin. Inside a
   * transaction when one is given.
   */
  findGroupPath(groupId: string, db?: Database): Promise<readonly string[] | undefined>;
  /** Names from below the top group down to this one; inside a transaction when one is given. */
  findGroupNames(groupId: string, db?: Database): Promise<readonly string[] | undefined>;
  /** The group itself, outside the recycle bin; inside a transaction when one is given. */
  findGroup(groupId: string, db?: Database): Promise<GroupRecord | undefined>;
  /** Those of these numbers that products have. */
  listTakenNumbers(productNumbers: readonly number[]): Promise<ReadonlySet<number>>;
  /** The product with its device and place, also while the device lies in the recycle bin. */
  findProduct(productNumber: number): Promise<ProductRecord | undefined>;
  /**
   * The products that stand for the devices meant, as far as the caller sees them and has the permission there, locked
   * against removal for good.
   *
   * @throws AccessError PERMISSION_DENIED; DirectoryError DEVICE_NOT_FOUND when one that was named is not there,
   *   GROUP_NOT_FOUND
   */
  selectProducts(
    transaction: Transaction,
    actor: Actor,
    targets: DeviceTargets,
    permission: Permission,
  ): Promise<ProductRecord[]>;
  /**
   * The numbers of the products that stand for the devices of a filter, under the same conditions, in no order. For filters that mean everybody: nothing else of each product is read.
   *
   * @throws AccessError PERMISSION_DENIED; DirectoryError GROUP_NOT_FOUND
   */
  selectProductNumbers(
    transaction: Transaction,
    actor: Actor,
    filter: DeviceFilterInput,
    permission: Permission,
  ): Promise<number[]>;
  /**
   * The devices meant, as far as the caller may do this to them.
   *
   * @param limit of devices that a filter finds
   * @throws AccessError PERMISSION_DENIED; DirectoryError DEVICE_NOT_FOUND, GROUP_NOT_FOUND, TAG_NOT_FOUND
   */
  selectDevices(
    db: Database,
    actor: Actor,
    wish: { readonly targets: DeviceTargets; readonly permission: Permission; readonly limit: number },
  ): Promise<SelectedDevice[]>;
  /** Those of these devices that are outside the recycle bin. Whether the caller may know of them is not asked. */
  findDevices(db: Database, deviceIds: readonly string[]): Promise<SelectedDevice[]>;
  /** The same, and until the transaction ends nobody moves, renames or removes them: what is told of them has its order. */
  holdDevices(transaction: Transaction, deviceIds: readonly string[]): Promise<SelectedDevice[]>;
  /** Until the transaction ends nobody makes, renames, moves, removes or restores a group. */
  holdGroups(transaction: Transaction): Promise<void>;
  /** For the modules that speak with products. */
  readonly records: ProductRecords;
}

export function createDirectoryModule({ platform, presence, calls }: DirectoryDependencies): DirectoryModule {
  const { database } = platform;
  const list = new DeviceListService({ platform, presence });
  const groups = new GroupService({ platform });
  const devices = new DeviceService({ platform, presence, list, calls });
  const changes = new DeviceChangeService({ platform, presence });
  const recycleBin = new RecycleBinService({ platform, presence });
  const summary = new DirectorySummaryService({ platform, devices: list, presence });
  const records = new ProductRecords(platform, groups);

  registerErrorStatus(directoryErrorStatus);
  platform.events.define(directoryEvents);
  registerGroupRoutes(platform.registerRoute, { groups, recycleBin, summary });
  registerDeviceRoutes(platform.registerRoute, { list, devices, changes, summary });

  return {
    findGroupPath: async (groupId, db = database) => (await findGroup(db, groupId))?.path,
    findGroupNames: async (groupId, db = database) => (await findGroup(db, groupId))?.names,
    findGroup: (groupId, db = database) => findGroup(db, groupId),
    listTakenNumbers: (productNumbers) => listTakenNumbers(database, productNumbers),
    findProduct: (productNumber) => findProduct(database, productNumber),
    async selectProducts(transaction, actor, targets, permission) {
      requirePermission(actor, 'directory:read');
      if ('filter' in targets) {
        const numbers = await listSelectedProducts(
          transaction,
          await list.resolve(actor, targets.filter, { db: transaction, for: permission }),
          undefined,
        );
        return await listPrimaryProducts(transaction, { numbers });
      }
      const found = await listPrimaryProducts(transaction, { deviceIds: targets.deviceIds });
      if (found.length !== new Set(targets.deviceIds).size) throw createDeviceNotFound();
      for (const needed of ['directory:read', permission] as const)
        for (const { groupPath } of found) requirePermission(actor, needed, groupPath, deviceSight);
      return found;
    },
    async selectProductNumbers(transaction, actor, filter, permission) {
      requirePermission(actor, 'directory:read');
      return await listSelectedProducts(
        transaction,
        await list.resolve(actor, filter, { db: transaction, for: permission }),
        undefined,
      );
    },
    selectDevices: (db, actor, wish) => selectDevices(list, db, actor, wish),
    findDevices,
    holdDevices,
    holdGroups: lockTree,
    records,
  };
}
