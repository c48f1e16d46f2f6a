import type { Permission } from '@holdfast/api';
import { type Actor, requirePermission, type Sight } from '../../platform/access/actor.ts';
import type { RequestFacts } from '../../platform/http/route-registrar.ts';
import type { Platform } from '../../platform/platform.ts';
import { createDeviceNotFound, createGroupNotFound } from './directory.errors.ts';
import type { GroupRecord } from './group-tree.ts';

/** Who asks for a change, and from where. */
export interface Caller {
  readonly actor: Actor;
  readonly request: RequestFacts;
}

/** What the services of this module work with. */
export type DirectoryPlatform = Pick<
  Platform,
  'database' | 'clock' | 'events' | 'createId' | 'recordAuditEntry' | 'recordEvents'
>;

const groupSight: Sight = { permission: 'directory:read', createNotFound: createGroupNotFound };
export const deviceSight: Sight = { permission: 'directory:read', createNotFound: createDeviceNotFound };

/**
 * The group when the actor may do this in it.
 *
 * @throws AccessError PERMISSION_DENIED; DirectoryError GROUP_NOT_FOUND when it is not there or not for this actor
 */
export function requireGroup(
  actor: Actor,
  permission: Permission,
  group: GroupRecord | undefined,
): GroupRecord {
  requirePermission(actor, permission);
  if (group === undefined) throw createGroupNotFound();
  requirePermission(actor, permission, group.path, groupSight);
  return group;
}
