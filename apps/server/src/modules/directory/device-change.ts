import type { AuditAction, Permission } from '@holdfast/api';
import { type Actor, requirePermission } from '../../platform/access/actor.ts';
import type { AuditRecord } from '../../platform/audit/audit.ts';
import type { Transaction } from '../../platform/database/index.ts';
import type { DomainEvent } from '../../platform/events/domain-event.ts';
import { type Caller, deviceSight, type DirectoryPlatform } from './directory-change.ts';
import { createDeviceNotFound } from './directory.errors.ts';
import type { DeviceRecord } from './devices.store.ts';

/**
 * All or nothing: a caller who named a device that is not there, or that it may not do this to, meant something else.
 *
 * @throws AccessError PERMISSION_DENIED; DirectoryError DEVICE_NOT_FOUND
 */
export function requireDevices(
  actor: Actor,
  permission: Permission,
  deviceIds: readonly string[],
  found: readonly DeviceRecord[],
): readonly DeviceRecord[] {
  if (found.length !== deviceIds.length) throw createDeviceNotFound();
  for (const { groupPath } of found) requirePermission(actor, permission, groupPath, deviceSight);
  return found;
}

/**
 * An event and an audit entry about each device, in the transaction of the change and in one statement each: the entries
 * come last.
 */
export async function recordDeviceChanges(
  platform: Pick<DirectoryPlatform, 'recordAuditEntry' | 'recordEvents'>,
  transaction: Transaction,
  caller: Caller,
  changes: readonly {
    readonly action: AuditAction;
    readonly device: DeviceRecord;
    readonly details?: AuditRecord['details'];
    readonly elsewhere?: AuditRecord['elsewhere'];
    readonly event: DomainEvent;
  }[],
): Promise<void> {
  await platform.recordEvents(
    transaction,
    changes.map(({ event }) => event),
  );
  await platform.recordAuditEntry(
    transaction,
    caller.actor,
    changes.map(({ action, device, details = {}, elsewhere = [] }) => ({
      action,
      objectKind: 'device',
      objectId: device.id,
      objectName: device.name,
      scopeGroupId: device.groupId,
      details,
      elsewhere,
    })),
    caller.request,
  );
}
