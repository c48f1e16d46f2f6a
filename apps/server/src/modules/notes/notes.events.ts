import { Type } from 'typebox';
import { defineEvent, type EventsOf } from '../../platform/events/domain-event.ts';

const ofNote = {
  objectKind: 'note',
  permission: 'directory:read',
  // What a note says stays in the directory and the audit log.
  data: Type.Object({ deviceId: Type.String(), deviceName: Type.String(), by: Type.String() }),
  live: ({
    data,
    groupIds,
  }: {
    readonly data: { readonly deviceId: string };
    readonly groupIds: readonly string[] | null;
  }) =>
    [
      {
        event: { type: 'device', deviceId: data.deviceId, change: 'changed' },
        permission: 'directory:read',
        groupPath: groupIds ?? [],
      },
    ] as const,
} as const;

/** What happens to notes on devices. */
export const noteEvents = {
  'note.added': defineEvent({ ...ofNote, title: 'Note added to a device' }),
  'note.changed': defineEvent({ ...ofNote, title: 'Note on a device changed' }),
  'note.removed': defineEvent({ ...ofNote, title: 'Note removed from a device' }),
  'note.restored': defineEvent({ ...ofNote, title: 'Note on a device restored' }),
};

declare module '../../platform/events/domain-event.ts' {
  interface DomainEvents extends EventsOf<typeof noteEvents> {}
}
