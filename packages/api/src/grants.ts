import { type Static, Type } from 'typebox';
import { organisationWidePermissions, type Permission, permissions } from './permissions.ts';
import { defineRoute } from './route.ts';
import { Instant, Name, oneOf, Revision, Uuid } from './scalars.ts';

export const Permissions = Type.Array(oneOf(permissions), { maxItems: 64, uniqueItems: true });
const ChosenPermissions = Type.Array(oneOf(permissions), { minItems: 1, maxItems: 64, uniqueItems: true });
/** The group in which, with all that lies in it; null means everything, also what lies in no group. */
const GrantedGroup = Type.Union([Uuid, Type.Null()]);

/** A named set of permissions. Built-in ones stay as they are; administrators make others. */
export const Role = Type.Object({
  id: Uuid,
  name: Type.String(),
  description: Type.String(),
  permissions: Permissions,
  isBuiltIn: Type.Boolean(),
  /** Grows by one with every change; whoever changes it names the one that they saw. */
  revision: Revision,
  /** Administrators who have it, wherever. */
  holderCount: Type.Integer({ minimum: 0 }),
});
export type Role = Static<typeof Role>;

/**
 * Ids of the built-in roles, the same on every server. There is always an active administrator who has the first of them
 * on everything.
 */
export const builtInRoleIds = {
  enterpriseAdministrator: '00000000-0000-7000-8000-000000000101',
  auditor: '00000000-0000-7000-8000-000000000102',
  groupAdministrator: '00000000-0000-7000-8000-000000000103',
} as const;

/** A role in one place, to be given. */
export const GrantChoice = Type.Object(
  { roleId: Uuid, groupId: GrantedGroup },
  { additionalProperties: false },
);
export type GrantChoice = Static<typeof GrantChoice>;

/** A role in one place, as an administrator has it. Several add up. */
export const HeldGrant = Type.Object({
  id: Uuid,
  roleId: Uuid,
  roleName: Type.String(),
  groupId: GrantedGroup,
  /** Names from below the top group down; null for everything, and for a group that was removed for good. */
  groupPath: Type.Union([Type.Array(Type.String()), Type.Null()]),
  /** The group was removed for good: this grants nothing any more. */
  isGroupGone: Type.Boolean(),
  createdAt: Instant,
  createdBy: Type.String(),
});
export type HeldGrant = Static<typeof HeldGrant>;

/** More on one administrator than anybody can oversee. */
export const maxGrantsPerAdministrator = 64;

/** Permissions in one place, as they count for a caller now. */
export const EffectiveGrant = Type.Object({ permissions: Permissions, groupId: GrantedGroup });
export type EffectiveGrant = Static<typeof EffectiveGrant>;

/**
 * Whether grants allow this at a place: what the server asks too. For views that hide what would be refused there.
 *
 * @param groupPath ids from the top group down; the empty path lies in no group
 */
export function isGrantedAt(
  grants: readonly EffectiveGrant[],
  permission: Permission,
  groupPath: readonly string[],
): boolean {
  // In a group, what concerns the whole organisation grants nothing.
  const counts = ({ groupId }: EffectiveGrant): boolean =>
    groupId === null || (!organisationWidePermissions.has(permission) && groupPath.includes(groupId));
  return grants.some((grant) => grant.permissions.includes(permission) && counts(grant));
}

const tag = 'Access';
const RoleParams = Type.Object({ roleId: Uuid }, { additionalProperties: false });
const roleParts = {
  name: Name,
  description: Type.String({ maxLength: 500 }),
  permissions: ChosenPermissions,
};

export const listRoles = defineRoute({
  name: 'listRoles',
  method: 'GET',
  path: '/api/v1/roles',
  tag,
  access: { permission: 'administrators:read' },
  summary: 'Roles: the built-in ones first, then by name',
  response: Type.Object({ roles: Type.Array(Role) }),
});

export const createRole = defineRoute({
  name: 'createRole',
  method: 'POST',
  path: '/api/v1/roles',
  tag,
  status: 201,
  access: { permission: 'administrators:manage' },
  summary: 'Create a role, of permissions that the caller has on everything. Not by a key',
  body: Type.Object(roleParts, { additionalProperties: false }),
  response: Role,
});

export const changeRole = defineRoute({
  name: 'changeRole',
  method: 'PUT',
  path: '/api/v1/roles/:roleId',
  tag,
  access: { permission: 'administrators:manage' },
  summary:
    'Change a role for all who have it, at once. Adds no permission that the caller lacks on everything; built-in roles stay. Not by a key',
  params: RoleParams,
  body: Type.Object({ revision: Revision, ...roleParts }, { additionalProperties: false }),
  response: Role,
});

export const deleteRole = defineRoute({
  name: 'deleteRole',
  method: 'DELETE',
  path: '/api/v1/roles/:roleId',
  tag,
  access: { permission: 'administrators:manage' },
  summary: 'Delete a role and every grant of it, at once. Built-in roles stay',
  params: RoleParams,
  /** How many grants ended with it. */
  response: Type.Object({ takenCount: Type.Integer({ minimum: 0 }) }),
});
