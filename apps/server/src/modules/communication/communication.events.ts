import { Type } from 'typebox';
import { defineEvent, type EventsOf } from '../../platform/events/domain-event.ts';

/** What happens to how groups communicate. */
export const communicationEvents = {
  'communication.changed': defineEvent({
    objectKind: 'group',
    title: 'Communication of a group changed',
    permission: 'directory:read',
    data: Type.Object({ name: Type.String() }),
    live: ({ groupIds }) => [
      { event: { type: 'groups' }, permission: 'directory:read', groupPath: groupIds ?? [] },
    ],
  }),
};

declare module '../../platform/events/domain-event.ts' {
  interface DomainEvents extends EventsOf<typeof communicationEvents> {}
}
