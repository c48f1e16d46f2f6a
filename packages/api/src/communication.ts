import { type Static, type TSchema, Type } from 'typebox';
import { CommunicationSettings } from './administration.ts';
import { SettingLock, SettingOrigin } from './group-settings.ts';
import { defineRoute } from './route.ts';
import { Instant, oneOf, Uuid } from './scalars.ts';
import { Schedule } from './schedule.ts';

/** How the server may call products between their heartbeats; `automatic` takes the cheapest way that works. */
export const modeChoices = ['automatic', 'one-way', 'two-way-direct', 'two-way-udp', 'two-way-held'] as const;
export type ModeChoice = (typeof modeChoices)[number];

/** How heartbeats travel; `automatic` takes UDP where it was seen to work. */
export const transportChoices = ['automatic', 'https'] as const;
export type TransportChoice = (typeof transportChoices)[number];

const { heartbeatIntervalMs, offlineTimeoutMs } = CommunicationSettings.properties;
const closed = { additionalProperties: false } as const;

const nullable = <Value extends TSchema>(value: Value) => Type.Union([value, Type.Null()]);

/** A value that a group may say. */
export const communicationFields = {
  heartbeatIntervalMs,
  /** At least three heartbeat intervals, in this group and in all below it; refused otherwise. */
  offlineTimeoutMs,
  schedule: Schedule,
  mode: oneOf(modeChoices),
  transport: oneOf(transportChoices),
  /** Port on which agents listen for notifications; 0: they do not listen. */
  listenerPort: Type.Integer({ minimum: 0, maximum: 65_535 }),
} as const;
export type CommunicationValueName = keyof typeof communicationFields;
const valueNames = Object.keys(communicationFields) as CommunicationValueName[];

/** What a group says itself; `null` leaves it to the group above, and at the top to the settings of the server. */
export const OwnCommunication = Type.Object(
  {
    heartbeatIntervalMs: nullable(communicationFields.heartbeatIntervalMs),
    offlineTimeoutMs: nullable(communicationFields.offlineTimeoutMs),
    schedule: nullable(communicationFields.schedule),
    mode: nullable(communicationFields.mode),
    transport: nullable(communicationFields.transport),
    listenerPort: nullable(communicationFields.listenerPort),
  },
  closed,
);
export type OwnCommunication = Static<typeof OwnCommunication>;

/** Values that groups below cannot say otherwise; only of those that the group says itself. */
const LockedValues = Type.Array(oneOf(valueNames), { maxItems: valueNames.length, uniqueItems: true });

/** What holds for the devices of a group. */
export const EffectiveCommunication = Type.Object({
  heartbeatIntervalMs,
  offlineTimeoutMs,
  /** Null: working at all times. */
  schedule: nullable(Schedule),
  mode: communicationFields.mode,
  transport: communicationFields.transport,
  listenerPort: communicationFields.listenerPort,
});
export type EffectiveCommunication = Static<typeof EffectiveCommunication>;

function everyValue<Value extends TSchema>(value: Value) {
  return Type.Object({
    heartbeatIntervalMs: value,
    offlineTimeoutMs: value,
    schedule: value,
    mode: value,
    transport: value,
    listenerPort: value,
  });
}

export const GroupCommunication = Type.Object({
  groupId: Uuid,
  /** Of what the group says itself; 0 as long as it says nothing. */
  revision: Type.Integer({ minimum: 0, maximum: 2_147_483_646 }),
  own: OwnCommunication,
  locked: LockedValues,
  effective: EffectiveCommunication,
  /** What holds for the group above: what this one has of each value that it says nothing of. */
  inherited: EffectiveCommunication,
  /** Where each inherited value comes from. */
  origins: everyValue(SettingOrigin),
  /** Which values a group above has locked: what this one says of them is kept, and has no effect as long as the lock is there. */
  lockedBy: everyValue(SettingLock),
  /** Idle hours, at this moment. */
  isIdle: Type.Boolean(),
  /** When idle hours begin or end next; null: never. */
  nextChangeAt: Type.Union([Instant, Type.Null()]),
  /** Devices in the group and below it, whether or not they inherit. */
  deviceCount: Type.Integer({ minimum: 0 }),
});
export type GroupCommunication = Static<typeof GroupCommunication>;

const tag = 'Communication';
const GroupParams = Type.Object({ groupId: Uuid }, closed);

export const getGroupCommunication = defineRoute({
  name: 'getGroupCommunication',
  method: 'GET',
  path: '/api/v1/groups/:groupId/communication',
  tag,
  access: { permission: 'directory:read' },
  summary: 'How the devices of a group communicate, and where each value comes from',
  params: GroupParams,
  response: GroupCommunication,
});
export const updateGroupCommunication = defineRoute({
  name: 'updateGroupCommunication',
  method: 'PUT',
  path: '/api/v1/groups/:groupId/communication',
  tag,
  access: { permission: 'directory:edit' },
  summary: 'Change what a group says about communication; all null: it inherits everything',
  params: GroupParams,
  body: Type.Object(
    {
      revision: Type.Integer({ minimum: 0, maximum: 2_147_483_646 }),
      own: OwnCommunication,
      /** Left out: what was locked stays so, as long as the group says it. */
      locked: Type.Optional(LockedValues),
    },
    closed,
  ),
  response: GroupCommunication,
});
