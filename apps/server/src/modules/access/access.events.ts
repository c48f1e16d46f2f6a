import type { HeldGrant } from '@holdfast/api';
import { Type } from 'typebox';
import { type DomainEvent, defineEvent, type EventsOf } from '../../platform/events/domain-event.ts';

const ofAdministrator = { objectKind: 'administrator', permission: 'administrators:read' } as const;
const ofKey = { objectKind: 'api-key', permission: 'administrators:read' } as const;
const ofRole = { objectKind: 'role', permission: 'administrators:read' } as const;
const Named = Type.Object({ name: Type.String() });
const WithPermissions = Type.Object({ name: Type.String(), permissions: Type.Array(Type.String()) });
/** Of the administrator, of the role, and of the groups from below the top group down; null where it is for everything. */
const Granted = Type.Object({
  name: Type.String(),
  role: Type.String(),
  group: Type.Union([Type.Array(Type.String()), Type.Null()]),
});

/** What happens to those who may act. Signing in is no such event; it stands in the audit log. */
export const accessEvents = {
  'administrator.created': defineEvent({
    ...ofAdministrator,
    title: 'First administrator created',
    data: Named,
  }),
  'administrator.invited': defineEvent({
    ...ofAdministrator,
    title: 'Administrator invited',
    data: Type.Object({ name: Type.String(), roles: Type.Array(Type.String()) }),
  }),
  'administrator.joined': defineEvent({
    ...ofAdministrator,
    title: 'Invitation accepted',
    data: Named,
  }),
  'administrator.disabled': defineEvent({ ...ofAdministrator, title: 'Administrator disabled', data: Named }),
  'administrator.enabled': defineEvent({ ...ofAdministrator, title: 'Administrator enabled', data: Named }),
  'administrator.password-changed': defineEvent({
    ...ofAdministrator,
    title: 'Password of an administrator changed',
    help: 'By the administrator, signed in or with a recovery link.',
    data: Named,
  }),
  'grant.given': defineEvent({
    ...ofAdministrator,
    title: 'Role given',
    help: 'To an administrator, in a group with everything in it, or for everything: then `group` is null. Those of an invitation are part of that.',
    data: Granted,
  }),
  'grant.taken': defineEvent({
    ...ofAdministrator,
    title: 'Role taken away',
    help: 'From an administrator. Of a group that is gone there is no name: then `group` is null, too.',
    data: Granted,
  }),
  'role.created': defineEvent({ ...ofRole, title: 'Role created', data: WithPermissions }),
  'role.changed': defineEvent({
    ...ofRole,
    title: 'Role changed',
    help: 'Everybody who has it may do from now on what it says now.',
    data: WithPermissions,
  }),
  'role.deleted': defineEvent({
    ...ofRole,
    title: 'Role deleted',
    help: 'That it was taken away from each administrator who had it are events of their own.',
    data: Named,
  }),
  'api-key.created': defineEvent({ ...ofKey, title: 'API key created', data: WithPermissions }),
  'api-key.revoked': defineEvent({ ...ofKey, title: 'API key revoked', data: Named }),
};

declare module '../../platform/events/domain-event.ts' {
  interface DomainEvents extends EventsOf<typeof accessEvents> {}
}

export function describeGrantEvent(
  type: 'grant.given' | 'grant.taken',
  administrator: { readonly id: string; readonly name: string },
  grant: Pick<HeldGrant, 'roleName' | 'groupPath'>,
): DomainEvent<'grant.given' | 'grant.taken'> {
  const { id, name } = administrator;
  return { type, objectId: id, data: { name, role: grant.roleName, group: grant.groupPath } };
}
