import { type Static, type TSchema, Type } from 'typebox';
import { SettingLock, SettingOrigin } from './group-settings.ts';
import { defineRoute } from './route.ts';
import { oneOf, Uuid } from './scalars.ts';

/** Whether the devices of a group may become the Active Agent of their LAN; `preferred` comes before all others that are able to. */
export const activeAgentChoices = ['automatic', 'preferred', 'never'] as const;
export type ActiveAgentChoice = (typeof activeAgentChoices)[number];

const closed = { additionalProperties: false } as const;

/** A value that a group may say. */
export const updateFields = {
  /** Over which the devices of a LAN spread what is not urgent; 0: all at once. */
  windowMinutes: Type.Integer({ minimum: 0, maximum: 1_440 }),
  activeAgent: oneOf(activeAgentChoices),
  /** To how many devices an Active Agent sends at the same time. */
  maxUploads: Type.Integer({ minimum: 1, maximum: 64 }),
  /** All of them together, 1,000 bytes each; 0: no bound. */
  uploadKilobytesPerSecond: Type.Integer({ minimum: 0, maximum: 1_250_000 }),
  /** Of what an Active Agent keeps for others, 1,000,000 bytes each. */
  cacheMegabytes: Type.Integer({ minimum: 100, maximum: 1_000_000 }),
} as const;
export type UpdateValueName = keyof typeof updateFields;
const valueNames = Object.keys(updateFields) as UpdateValueName[];

function everyField<Field extends TSchema>(wrap: (schema: TSchema) => Field) {
  return Object.fromEntries(valueNames.map((name) => [name, wrap(updateFields[name])])) as {
    readonly [Name in UpdateValueName]: Field;
  };
}

/** What holds for the devices of a group. */
export const EffectiveUpdateSettings = Type.Object(updateFields);
export type EffectiveUpdateSettings = Static<typeof EffectiveUpdateSettings>;

/** What a group says itself; a value that is absent is left to the group above, and at the top to the defaults. */
export const OwnUpdateSettings = Type.Partial(Type.Object(updateFields), closed);
export type OwnUpdateSettings = Static<typeof OwnUpdateSettings>;

/** Values that groups below cannot say otherwise; only of those that the group says itself. */
const LockedValues = Type.Array(oneOf(valueNames), { maxItems: valueNames.length, uniqueItems: true });

export const GroupUpdateSettings = Type.Object({
  groupId: Uuid,
  /** Of what the group says itself; 0 as long as it says nothing. */
  revision: Type.Integer({ minimum: 0, maximum: 2_147_483_646 }),
  own: OwnUpdateSettings,
  locked: LockedValues,
  effective: EffectiveUpdateSettings,
  /** What holds for the group above. */
  inherited: EffectiveUpdateSettings,
  /** Where each inherited value comes from. */
  origins: Type.Object(everyField(() => SettingOrigin)),
  /** Which values a group above has locked: what this one says of them is kept, and has no effect as long as the lock is there. */
  lockedBy: Type.Object(everyField(() => SettingLock)),
});
export type GroupUpdateSettings = Static<typeof GroupUpdateSettings>;

const tag = 'Components';
const GroupParams = Type.Object({ groupId: Uuid }, closed);

export const getGroupUpdateSettings = defineRoute({
  name: 'getGroupUpdateSettings',
  method: 'GET',
  path: '/api/v1/groups/:groupId/update-settings',
  tag,
  access: { permission: 'directory:read' },
  summary: 'How the devices of a group share updates on their LAN, and where each value comes from',
  params: GroupParams,
  response: GroupUpdateSettings,
});
export const updateGroupUpdateSettings = defineRoute({
  name: 'updateGroupUpdateSettings',
  method: 'PUT',
  path: '/api/v1/groups/:groupId/update-settings',
  tag,
  access: { permission: 'directory:edit' },
  summary: 'Change what a group says about updates on a LAN; nothing said: it inherits everything',
  params: GroupParams,
  body: Type.Object(
    {
      revision: Type.Integer({ minimum: 0, maximum: 2_147_483_646 }),
      own: OwnUpdateSettings,
      /** Left out: what was locked stays so, as long as the group says it. */
      locked: Type.Optional(LockedValues),
    },
    closed,
  ),
  response: GroupUpdateSettings,
});
