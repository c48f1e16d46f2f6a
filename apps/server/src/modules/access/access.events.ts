import { Type } from 'typebox';
import { defineEvent, type EventsOf } from '../../platform/events/domain-event.ts';

const ofAdministrator = { objectKind: 'administrator', permission: 'administrators:read' } as const;
const ofKey = { objectKind: 'api-key', permission: 'administrators:read' } as const;
const Named = Type.Object({ name: Type.String() });

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
  'api-key.created': defineEvent({
    ...ofKey,
    title: 'API key created',
    data: Type.Object({ name: Type.String(), permissions: Type.Array(Type.String()) }),
  }),
  'api-key.revoked': defineEvent({ ...ofKey, title: 'API key revoked', data: Named }),
};

declare module '../../platform/events/domain-event.ts' {
  interface DomainEvents extends EventsOf<typeof accessEvents> {}
}
