import type { Permission } from '@holdfast/api';
import { type Actor, isInScope, requirePermission } from '../../platform/access/actor.ts';
import type { RequestFacts } from '../../platform/http/route-registrar.ts';
import type { Platform } from '../../platform/platform.ts';
import { createGroupNotFound } from './directory.errors.ts';
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

/** True when the actor may know that something with this path exists. */
export function isVisible(actor: Actor, groupPath: readonly string[]): boolean {
  if (actor.kind === 'system') return true;
  return (actor.kind === 'administrator' || actor.kind === 'api-key') && isInScope(actor.scope, groupPath);
}

/**
 * The group when the actor may do this to it.
 *
 * @throws AccessError PERMISSION_DENIED; DirectoryError GROUP_NOT_FOUND when it is not there or not in scope
 */
export function requireGroup(
  actor: Actor,
  permission: Permission,
  group: GroupRecord | undefined,
): GroupRecord {
  requirePermission(actor, permission);
  if (group === undefined || !isVisible(actor, group.path)) throw createGroupNotFound();
  return group;
}
