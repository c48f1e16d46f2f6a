import { Type } from 'typebox';
import { defineEvent, type EventsOf } from '../../platform/events/domain-event.ts';

/** What happens to the settings of the whole server. */
export const settingsEvents = {
  'settings.changed': defineEvent({
    objectKind: 'setting',
    title: 'Settings changed',
    help: 'The object is the group of settings: `communication`, `logs`.',
    permission: 'settings:read',
    data: Type.Object({ revision: Type.Integer() }),
    live: () => [{ event: { type: 'settings' }, permission: 'settings:read' }],
  }),
};

declare module '../../platform/events/domain-event.ts' {
  interface DomainEvents extends EventsOf<typeof settingsEvents> {}
}
