import { Type } from 'typebox';
import { defineEvent, type EventsOf, type HeardEvent } from '../../platform/events/domain-event.ts';
import type { LiveMessage } from '../../platform/live/live-views.ts';

/** Names of groups from below the top group down. */
const Path = Type.Array(Type.String());
const Count = Type.Integer({ minimum: 0 });

// It names no group, so it reveals only that the tree, or a count in it, has changed.
const groupsAreOthers: LiveMessage = { event: { type: 'groups' }, permission: 'directory:read' };

function device(
  deviceId: string,
  change: 'created' | 'changed' | 'removed',
  { groupIds }: Pick<HeardEvent<string, unknown>, 'groupIds'>,
): LiveMessage {
  return {
    event: { type: 'device', deviceId, change },
    permission: 'directory:read',
    groupPath: groupIds ?? [],
  };
}

const group = {
  objectKind: 'group',
  permission: 'directory:read',
  live: () => [groupsAreOthers],
} as const;
const ofDevice = { objectKind: 'device', permission: 'directory:read' } as const;
const ofProduct = { objectKind: 'product', permission: 'directory:read' } as const;

/** What happens in the directory. */
export const directoryEvents = {
  'group.created': defineEvent({
    ...group,
    title: 'Group created',
    data: Type.Object({ name: Type.String(), path: Path }),
  }),
  'group.renamed': defineEvent({
    ...group,
    title: 'Group renamed',
    help: 'The names in the paths of everything in the group change with it.',
    data: Type.Object({ from: Type.String(), to: Type.String(), path: Path }),
  }),
  'group.moved': defineEvent({
    ...group,
    title: 'Group moved',
    help: 'With everything in it, of which there are no events of their own.',
    data: Type.Object({ name: Type.String(), from: Path, to: Path, deviceCount: Count }),
  }),
  'group.removed': defineEvent({
    ...group,
    title: 'Group moved to the recycle bin',
    help: 'With everything in it, of which there are no events of their own.',
    data: Type.Object({ name: Type.String(), path: Path, deviceCount: Count, groupCount: Count }),
  }),
  'group.restored': defineEvent({
    ...group,
    title: 'Group restored from the recycle bin',
    help: 'With everything in it, of which there are no events of their own. The path is the one that it has now.',
    data: Type.Object({ name: Type.String(), path: Path }),
  }),
  'group.purged': defineEvent({
    ...group,
    title: 'Group removed for good',
    help: 'With everything in it, of which there are no events of their own.',
    data: Type.Object({ name: Type.String(), path: Path, deviceCount: Count }),
  }),
  'device.created': defineEvent({
    ...ofDevice,
    title: 'Device created',
    help: 'A product registered, or was admitted, and belongs to no device that was there.',
    data: Type.Object({ name: Type.String(), path: Path, productNumber: Type.Integer() }),
    live: (event) => [device(event.objectId, 'created', event), groupsAreOthers],
  }),
  'device.renamed': defineEvent({
    ...ofDevice,
    title: 'Device renamed',
    help: 'By an administrator.',
    data: Type.Object({ from: Type.String(), to: Type.String() }),
    live: (event) => [device(event.objectId, 'changed', event)],
  }),
  'device.fields-set': defineEvent({
    ...ofDevice,
    title: 'Fields of a device set',
    help: 'By an administrator. An empty text: there is none.',
    data: Type.Object({
      name: Type.String(),
      changes: Type.Array(Type.Object({ name: Type.String(), from: Type.String(), to: Type.String() })),
    }),
    live: (event) => [device(event.objectId, 'changed', event)],
  }),
  'device.moved': defineEvent({
    ...ofDevice,
    title: 'Device moved',
    data: Type.Object({ name: Type.String(), from: Path, to: Path }),
    live: (event) => [device(event.objectId, 'changed', event), groupsAreOthers],
  }),
  'device.changed': defineEvent({
    ...ofDevice,
    title: 'Facts of a device changed',
    help: 'The device itself reports them. Those that changed are named.',
    data: Type.Object({ changed: Type.Array(Type.String()) }),
    live: (event) => [device(event.objectId, 'changed', event)],
  }),
  'device.removed': defineEvent({
    ...ofDevice,
    title: 'Device moved to the recycle bin',
    data: Type.Object({ name: Type.String(), path: Path }),
    live: (event) => [device(event.objectId, 'removed', event), groupsAreOthers],
  }),
  'device.restored': defineEvent({
    ...ofDevice,
    title: 'Device restored from the recycle bin',
    help: 'The path is the one that it has now.',
    data: Type.Object({ name: Type.String(), path: Path }),
    live: (event) => [device(event.objectId, 'created', event), groupsAreOthers],
  }),
  'device.purged': defineEvent({
    ...ofDevice,
    title: 'Device removed for good',
    data: Type.Object({ name: Type.String(), path: Path }),
    live: () => [groupsAreOthers],
  }),
  'product.registered': defineEvent({
    ...ofProduct,
    title: 'Product registered',
    data: Type.Object({
      deviceId: Type.String(),
      deviceName: Type.String(),
      kind: Type.String(),
      name: Type.String(),
      version: Type.String(),
      /** Else it belongs to a device that was there. */
      isNewDevice: Type.Boolean(),
    }),
    live: ({ data, groupIds }) => (data.isNewDevice ? [] : [device(data.deviceId, 'changed', { groupIds })]),
  }),
  'product.disabled': defineEvent({
    ...ofProduct,
    title: 'Product disabled',
    data: Type.Object({ deviceId: Type.String(), deviceName: Type.String() }),
    live: (event) => [device(event.data.deviceId, 'changed', event)],
  }),
  'product.enabled': defineEvent({
    ...ofProduct,
    title: 'Product enabled',
    data: Type.Object({ deviceId: Type.String(), deviceName: Type.String() }),
    live: (event) => [device(event.data.deviceId, 'changed', event)],
  }),
};

declare module '../../platform/events/domain-event.ts' {
  interface DomainEvents extends EventsOf<typeof directoryEvents> {}
}

/** After these, something is at another place in the tree than before, or is there no more. */
export const placeEvents = [
  'group.created',
  'group.renamed',
  'group.moved',
  'group.removed',
  'group.restored',
  'group.purged',
  'device.created',
  'device.moved',
  'device.removed',
  'device.restored',
  'device.purged',
] as const satisfies readonly (keyof typeof directoryEvents)[];
