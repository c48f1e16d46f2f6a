import { type Static, type TSchema, Type } from 'typebox';
import { CommunicationSettings } from './administration.ts';
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

function inherited<Value extends TSchema>(value: Value) {
  return Type.Union([value, Type.Null()]);
}

/** What a group says itself; `null` leaves it to the group above, and at the top to the settings of the server. */
export const OwnCommunication = Type.Object(
  {
    heartbeatIntervalMs: inherited(heartbeatIntervalMs),
    /** At least three heartbeat intervals, in this group and in all below it; refused otherwise. */
    offlineTimeoutMs: inherited(offlineTimeoutMs),
    schedule: inherited(Schedule),
    mode: inherited(oneOf(modeChoices)),
    transport: inherited(oneOf(transportChoices)),
    /** Port on which agents listen for notifications; 0: they do not listen. */
    listenerPort: inherited(Type.Integer({ minimum: 0, maximum: 65_535 })),
  },
  closed,
);
export type OwnCommunication = Static<typeof OwnCommunication>;
export type CommunicationValueName = keyof OwnCommunication;

/** What holds for the devices of a group. */
export const EffectiveCommunication = Type.Object({
  heartbeatIntervalMs,
  offlineTimeoutMs,
  /** Null: working at all times. */
  schedule: inherited(Schedule),
  mode: oneOf(modeChoices),
  transport: oneOf(transportChoices),
  listenerPort: Type.Integer({ minimum: 0, maximum: 65_535 }),
});
export type EffectiveCommunication = Static<typeof EffectiveCommunication>;

/** Where a value comes from; null: from the settings of the server. */
const Origin = Type.Union([Type.Object({ groupId: Uuid, groupName: Type.String() }), Type.Null()]);

export const GroupCommunication = Type.Object({
  groupId: Uuid,
  /** Of what the group says itself; 0 as long as it says nothing. */
  revision: Type.Integer({ minimum: 0, maximum: 2_147_483_646 }),
  own: OwnCommunication,
  effective: EffectiveCommunication,
  /** What holds for the group above: what this one has of each value that it says nothing of. */
  inherited: EffectiveCommunication,
  /** Where each inherited value comes from. */
  origins: Type.Object({
    heartbeatIntervalMs: Origin,
    offlineTimeoutMs: Origin,
    schedule: Origin,
    mode: Origin,
    transport: Origin,
    listenerPort: Origin,
  }),
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
    { revision: Type.Integer({ minimum: 0, maximum: 2_147_483_646 }), own: OwnCommunication },
    closed,
  ),
  response: GroupCommunication,
});
