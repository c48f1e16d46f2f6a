import {
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
};
const saidBy = new WeakMap<World, Map<string, Said>>();

export function handleCommunication({ handle }: RouteTable): void {
  handle(getGroupCommunication, ({ world, params }) => describe(world, params.groupId));
  handle(updateGroupCommunication, ({ world, params, body }) => {
    const said = sayings(world);
    if ((said.get(params.groupId)?.revision ?? 0) !== body.revision) {
      throw new Refusal(409, 'COMMUNICATION_CHANGED', 'It has been changed since you opened it.');
    }
    said.set(params.groupId, { revision: body.revision + 1, own: body.own });
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

function describe(world: World, groupId: string): GroupCommunication {
  const group = world.groups.get(groupId);
  if (group === undefined) throw notFound();
  const { revision, own } = sayings(world).get(groupId) ?? silent;
  const { heartbeatIntervalMs, offlineTimeoutMs } = world.settings.communication;
  const inherited: EffectiveCommunication = {
    heartbeatIntervalMs,
    offlineTimeoutMs,
    schedule: null,
    mode: 'automatic',
    transport: 'automatic',
    listenerPort: 0,
  };
  const effective: EffectiveCommunication = {
    heartbeatIntervalMs: own.heartbeatIntervalMs ?? inherited.heartbeatIntervalMs,
    offlineTimeoutMs: own.offlineTimeoutMs ?? inherited.offlineTimeoutMs,
    schedule: own.schedule,
    mode: own.mode ?? inherited.mode,
    transport: own.transport ?? inherited.transport,
    listenerPort: own.listenerPort ?? inherited.listenerPort,
  };
  const below = groupAndBelow(world, groupId);
  const clock = own.schedule === null ? undefined : new ScheduleClock(own.schedule);
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
    effective,
    inherited,
    origins: {
      heartbeatIntervalMs: null,
      offlineTimeoutMs: null,
      schedule: null,
      mode: null,
      transport: null,
      listenerPort: null,
    },
    isIdle: clock?.isIdle(world.now()) ?? isIdleAbove,
    nextChangeAt: nextMs === undefined ? null : isoAt(nextMs),
    deviceCount: [...world.devices.values()].filter(({ summary }) => below.has(summary.groupId)).length,
  };
}
