import { Type } from 'typebox';
import { defineEvent, type EventsOf } from '../../platform/events/domain-event.ts';

/** What happens to the settings of groups, of every kind. */
export const groupSettingsEvents = {
  'group.settings-changed': defineEvent({
    objectKind: 'group',
    title: 'Settings of a group changed',
    help: 'The kind says which: communication, for one.',
    permission: 'directory:read',
    data: Type.Object({ name: Type.String(), kind: Type.String() }),
    live: ({ groupIds }) => [
      { event: { type: 'groups' }, permission: 'directory:read', groupPath: groupIds ?? [] },
    ],
  }),
};

declare module '../../platform/events/domain-event.ts' {
  interface DomainEvents extends EventsOf<typeof groupSettingsEvents> {}
}
