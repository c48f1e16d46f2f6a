import { Type } from 'typebox';
import { defineEvent, type EventsOf } from '../../platform/events/domain-event.ts';

const ofTag = {
  objectKind: 'tag',
  permission: 'directory:read',
  data: Type.Object({ name: Type.String() }),
} as const;
const Names = Type.Array(Type.String());

/** What happens to tags, and to who has them. */
export const tagEvents = {
  'tag.created': defineEvent({ ...ofTag, title: 'Tag created' }),
  'tag.changed': defineEvent({
    ...ofTag,
    title: 'Tag changed',
    help: 'Its name, description or colour. The name is the one that it has now.',
  }),
  'tag.removed': defineEvent({ ...ofTag, title: 'Tag removed', help: 'From every device that had it.' }),
  'tag.restored': defineEvent({ ...ofTag, title: 'Tag restored', help: 'On every device that had it.' }),
  'device.tags-changed': defineEvent({
    objectKind: 'device',
    title: 'Tags of a device changed',
    permission: 'directory:read',
    data: Type.Object({ name: Type.String(), added: Names, removed: Names }),
  }),
};

declare module '../../platform/events/domain-event.ts' {
  interface DomainEvents extends EventsOf<typeof tagEvents> {}
}
