import { type HeldGrant, organisationWidePermissions, type Permission, permissions } from '@holdfast/api';
import { type Actor, mayAt } from '../../platform/access/actor.ts';
import { type Grant, Grants, limitGrants } from '../../platform/access/grants.ts';
import { AccountError } from './account.errors.ts';
import type { StoredGrant } from './grants.store.ts';

/** What an administrator may do now. */
export function toGrants(stored: readonly StoredGrant[]): Grants {
  return new Grants(stored.map(toGrant));
}

/** What a key may do now: its own grants, as far as those of the account behind it still reach, place by place. */
export function toKeyGrants(ofKey: readonly StoredGrant[], ofOwner: readonly StoredGrant[]): Grants {
  const paths = new Map(
    [...ofKey, ...ofOwner].flatMap(({ groupId, path }) =>
      groupId === null || path === null ? [] : [[groupId, path]],
    ),
  );
  return new Grants(limitGrants(ofKey.map(toGrant), ofOwner.map(toGrant), (groupId) => paths.get(groupId)));
}

/** The permissions of a role or a grant that this server knows. */
export function knownPermissions(stored: readonly string[] | null): readonly Permission[] {
  return stored === null ? permissions : permissions.filter((permission) => stored.includes(permission));
}

/**
 * What the actor lacks of these permissions at a place.
 *
 * @param groupPath ids from the top group down; empty for everything
 */
export function findLacking(
  actor: Actor,
  wanted: readonly Permission[],
  groupPath: readonly string[],
): Permission[] {
  // In a group, what concerns the whole organisation grants nothing.
  const isOfUse = (permission: Permission): boolean =>
    groupPath.length === 0 || !organisationWidePermissions.has(permission);
  return wanted.filter((permission) => isOfUse(permission) && !mayAt(actor, permission, groupPath));
}

/**
 * Nobody hands out more than they have there, not through another account either.
 *
 * @throws AccountError ADMINISTRATOR_ROLE_EXCEEDS_OWN
 */
export function assertMayGive(actor: Actor, stored: readonly StoredGrant[]): void {
  const lacking = stored.flatMap(({ permissions: names, path }) =>
    findLacking(actor, knownPermissions(names), path ?? []),
  );
  if (lacking.length === 0) return;
  throw new AccountError('ADMINISTRATOR_ROLE_EXCEEDS_OWN', 'This role may do more there than you may.', {
    facts: { missing: [...new Set(lacking)] },
    remedy: 'Ask an enterprise administrator to do it.',
  });
}

/** For the audit log. */
export function describeGrant(
  grant: Pick<HeldGrant, 'roleName' | 'groupId' | 'groupPath'>,
): Readonly<Record<string, unknown>> {
  return { role: grant.roleName, groupId: grant.groupId, group: grant.groupPath };
}

function toGrant({ permissions: names, groupId }: StoredGrant): Grant {
  return { permissions: new Set(knownPermissions(names)), groupId };
}
