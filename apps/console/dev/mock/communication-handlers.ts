import {
  type CommunicationValueName,
  type EffectiveCommunication,
  getGroupCommunication,
  type GroupCommunication,
  type OwnCommunication,
  ScheduleClock,
  updateGroupCommunication,
} from '@holdfast/api';
import { notFound, Refusal } from './refusal.ts';
import type { RouteTable } from './route-table.ts';
import { groupAndBelow, isoAt, record, type World } from './world.ts';

interface Said {
  readonly revision: number;
  readonly own: OwnCommunication;
  readonly locked: readonly CommunicationValueName[];
}

const silent: Said = {
  revision: 0,
  own: {
    heartbeatIntervalMs: null,
    offlineTimeoutMs: null,
    schedule: null,
    mode: null,
    transport: null,
    listenerPort: null,
  },
  locked: [],
};
const saidBy = new WeakMap<World, Map<string, Said>>();

export function handleCommunication({ handle }: RouteTable): void {
  handle(getGroupCommunication, ({ world, params }) => describe(world, params.groupId));
  handle(updateGroupCommunication, ({ world, params, body }) => {
    const said = sayings(world);
    const before = said.get(params.groupId) ?? silent;
    if (before.revision !== body.revision) {
      throw new Refusal(409, 'COMMUNICATION_CHANGED', 'It has been changed since you opened it.');
    }
    const { own, locked = before.locked.filter((name) => own[name] !== null) } = body;
    said.set(params.groupId, { revision: body.revision + 1, own, locked });
    record(world, {
      action: 'communication.changed',
      objectKind: 'group',
      objectId: params.groupId,
      objectName: world.groups.get(params.groupId)?.name ?? '',
    });
    world.publish({ type: 'groups' });
    return describe(world, params.groupId);
  });
}

function sayings(world: World): Map<string, Said> {
  const known = saidBy.get(world) ?? new Map<string, Said>();
  saidBy.set(world, known);
  return known;
}

interface Place {
  readonly effective: EffectiveCommunication;
  readonly origins: GroupCommunication['origins'];
  readonly lockedBy: GroupCommunication['lockedBy'];
}

const open = {
  heartbeatIntervalMs: null,
  offlineTimeoutMs: null,
  schedule: null,
  mode: null,
  transport: null,
  listenerPort: null,
} as const;

/** What holds for a group, from the top down; for nobody's group what the server says. */
function placeOf(world: World, groupId: string | null): Place {
  const group = groupId === null ? undefined : world.groups.get(groupId);
  if (group === undefined) {
    const { heartbeatIntervalMs, offlineTimeoutMs } = world.settings.communication;
    return {
      effective: {
        heartbeatIntervalMs,
        offlineTimeoutMs,
        schedule: null,
        mode: 'automatic',
        transport: 'automatic',
        listenerPort: 0,
      },
      origins: open,
      lockedBy: open,
    };
  }
  const above = placeOf(world, group.parentId);
  const { own, locked } = sayings(world).get(group.id) ?? silent;
  const here = { groupId: group.id, groupName: group.name };
  const said = (Object.keys(own) as CommunicationValueName[]).filter(
    (name) => own[name] !== null && above.lockedBy[name] === null,
  );
  const each = <Value>(
    names: readonly CommunicationValueName[],
    value: (name: CommunicationValueName) => Value,
  ) => Object.fromEntries(names.map((name) => [name, value(name)]));
  return {
    effective: { ...above.effective, ...each(said, (name) => own[name]) },
    origins: { ...above.origins, ...each(said, () => here) },
    lockedBy: {
      ...above.lockedBy,
      ...each(
        said.filter((name) => locked.includes(name)),
        () => ({ group: here }),
      ),
    },
  };
}

function describe(world: World, groupId: string): GroupCommunication {
  const group = world.groups.get(groupId);
  if (group === undefined) throw notFound();
  const { revision, own, locked } = sayings(world).get(groupId) ?? silent;
  const above = placeOf(world, group.parentId);
  const { effective } = placeOf(world, groupId);
  const below = groupAndBelow(world, groupId);
  const clock = effective.schedule === null ? undefined : new ScheduleClock(effective.schedule);
  // A group of idle devices that says nothing itself has its hours from somewhere above.
  const isIdleAbove =
    clock === undefined &&
    [...world.devices.values()].some(
      ({ summary }) => summary.groupId === groupId && summary.presence.status === 'idle',
    );
  const nextMs = isIdleAbove ? world.now() + 5 * 3_600_000 : clock?.nextChangeAt(world.now());
  return {
    groupId,
    revision,
    own,
    locked: [...locked],
    effective,
    inherited: above.effective,
    origins: above.origins,
    lockedBy: above.lockedBy,
    isIdle: clock?.isIdle(world.now()) ?? isIdleAbove,
    nextChangeAt: nextMs === undefined ? null : isoAt(nextMs),
    deviceCount: [...world.devices.values()].filter(({ summary }) => below.has(summary.groupId)).length,
  };
}
