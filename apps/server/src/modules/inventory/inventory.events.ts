import { Type } from 'typebox';
import { defineEvent, type EventsOf } from '../../platform/events/domain-event.ts';

/** What happens to the inventory of devices. */
export const inventoryEvents = {
  'inventory.changed': defineEvent({
    objectKind: 'device',
    title: 'Inventory of a device changed',
    help: 'Its agent reported other facts than last time. An inventory that says the same as before is no event.',
    permission: 'directory:read',
    data: Type.Object({ deviceName: Type.String(), collectedAt: Type.String() }),
    live: ({ objectId, groupIds }) => [
      {
        event: { type: 'device', deviceId: objectId, change: 'changed' },
        permission: 'directory:read',
        groupPath: groupIds ?? [],
      },
    ],
  }),
};

declare module '../../platform/events/domain-event.ts' {
  interface DomainEvents extends EventsOf<typeof inventoryEvents> {}
}
