import type { Permission } from '@holdfast/api';
import { type Actor, requirePermission } from '../../platform/access/actor.ts';
import type { Database, Transaction } from '../../platform/database/index.ts';
import type { DeviceFilterInput, DeviceListService } from './device-list.service.ts';
import { listDevicePlaces } from './device-list.store.ts';
import { holdDeviceRows } from './devices.store.ts';
import { deviceSight } from './directory-change.ts';
import { createDeviceNotFound } from './directory.errors.ts';
import type { GroupRecord } from './group-tree.ts';
import { listGroupsById } from './groups.store.ts';

/** Devices named one by one, or by a filter. */
export type DeviceTargets =
  | { readonly deviceIds: readonly string[] }
  | { readonly filter: DeviceFilterInput };

/** A device that something is to be done to, with its group. Devices of one group share the record of it. */
export interface SelectedDevice {
  readonly id: string;
  readonly name: string;
  readonly group: GroupRecord;
}

/**
 * The devices that somebody means and may do this to, by id.
 *
 * @param limit of devices that a filter finds; who needs to know of more asks for one more
 * @throws AccessError PERMISSION_DENIED; DirectoryError DEVICE_NOT_FOUND when one that was named is not there or not
 *   in scope, GROUP_NOT_FOUND, TAG_NOT_FOUND
 */
export async function selectDevices(
  list: Pick<DeviceListService, 'resolve'>,
  db: Database,
  actor: Actor,
  wish: { readonly targets: DeviceTargets; readonly permission: Permission; readonly limit: number },
): Promise<SelectedDevice[]> {
  const { targets, permission, limit } = wish;
  requirePermission(actor, permission);
  if ('deviceIds' in targets) {
    const devices = await findDevices(db, targets.deviceIds);
    if (devices.length !== new Set(targets.deviceIds).size) throw createDeviceNotFound();
    for (const { group } of devices) requirePermission(actor, permission, group.path, deviceSight);
    return devices;
  }
  // A filter says something about the devices that it finds.
  requirePermission(actor, 'directory:read');
  const selection = await list.resolve(actor, targets.filter, { db, for: permission });
  return await withGroups(db, await listDevicePlaces(db, selection, limit));
}

/** Those of these devices that are outside the recycle bin, whoever asks, by id. */
export async function findDevices(db: Database, deviceIds: readonly string[]): Promise<SelectedDevice[]> {
  return await withGroups(db, await listDevicePlaces(db, deviceIds, deviceIds.length));
}

/** The same, held in place until the transaction ends. */
export async function holdDevices(
  transaction: Transaction,
  deviceIds: readonly string[],
): Promise<SelectedDevice[]> {
  await holdDeviceRows(transaction, deviceIds);
  return await findDevices(transaction, deviceIds);
}

async function withGroups(
  db: Database,
  places: readonly { readonly id: string; readonly name: string; readonly groupId: string }[],
): Promise<SelectedDevice[]> {
  const groups = await listGroupsById(db, [...new Set(places.map((place) => place.groupId))]);
  const groupOf = new Map(groups.map((group) => [group.id, group]));
  return places.flatMap(({ id, name, groupId }) => {
    const group = groupOf.get(groupId);
    return group === undefined ? [] : [{ id, name, group }];
  });
}
