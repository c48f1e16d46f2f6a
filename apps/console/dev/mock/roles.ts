import {
  type Administrator,
  builtInRoleIds,
  type EffectiveGrant,
  type GrantChoice,
  type HeldGrant,
  type Permission,
  permissions,
  type Role,
} from '@holdfast/api';
import { isoAt, type World } from './world.ts';

function builtIn(id: string, name: string, description: string, own: readonly Permission[]): Role {
  return { id, name, description, permissions: [...own], isBuiltIn: true, revision: 1, holderCount: 0 };
}

export const roles: Role[] = [
  builtIn(
    builtInRoleIds.enterpriseAdministrator,
    'Enterprise Administrator',
    'May do everything',
    permissions,
  ),
  builtIn(
    builtInRoleIds.auditor,
    'Auditor',
    'Reads everything and changes nothing',
    permissions.filter((name) => name.endsWith(':read')),
  ),
  builtIn(
    builtInRoleIds.groupAdministrator,
    'Group Administrator',
    'Looks after the devices of a group: its directory, commands, logs and enrolment',
    permissions.filter((name) =>
      /^(directory|notes|commands|logs|enrolment-tokens|registrations):/.test(name),
    ),
  ),
];

/** A role of the administrators' own, which may be changed and deleted. */
roles.push({
  id: '019aa000-0000-7000-8000-0000000000a1',
  name: 'Help desk',
  description: 'Finds devices, shows messages and collects inventories',
  permissions: ['directory:read', 'commands:read', 'commands:issue', 'logs:read'],
  isBuiltIn: false,
  revision: 1,
  holderCount: 0,
});

export function heldGrant(world: World, { roleId, groupId }: GrantChoice): HeldGrant {
  const group = groupId === null ? undefined : world.groups.get(groupId);
  return {
    id: world.random.uuid(world.now()),
    roleId,
    roleName: roles.find((role) => role.id === roleId)?.name ?? '',
    groupId,
    groupPath: group?.path ?? null,
    isGroupGone: groupId !== null && group === undefined,
    createdAt: isoAt(world.now()),
    createdBy: 'admin',
  };
}

export function effectiveGrantsOf(administrator: Pick<Administrator, 'grants'>): EffectiveGrant[] {
  return administrator.grants.map(({ roleId, groupId }) => ({
    permissions: [...(roles.find((role) => role.id === roleId)?.permissions ?? [])],
    groupId,
  }));
}
