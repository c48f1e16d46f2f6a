import { type Static, Type } from 'typebox';
import { ChangePlan, PlanToken } from './change-plan.ts';
import { DeviceTargets } from './devices.ts';
import { defineRoute } from './route.ts';
import { Uuid } from './scalars.ts';
import { MAX_TAGS_OF_DEVICE, TagName } from './tags.ts';

/** As many devices as one change of tags may concern; by a filter, since only a thousand can be named. */
export const MAX_TAGGED_DEVICES = 100_000;

const tag = 'Tags';
const edit = { permission: 'directory:edit' } as const;
const TagNames = Type.Array(TagName, { maxItems: MAX_TAGS_OF_DEVICE, uniqueItems: true });

/** Which tags are put on and taken off, and where. A name in `add` that no tag has yet makes one. */
const TagChange = { targets: DeviceTargets, add: TagNames, remove: TagNames };

export const TagChangePlan = Type.Object({
  ...ChangePlan.properties,
  /** Devices that are meant; `deviceCount` are those of them that would change. */
  targetCount: Type.Integer({ minimum: 0 }),
  /** The tags that these devices have now, by name, each with how many of them have it. */
  tags: Type.Array(Type.Object({ name: Type.String(), deviceCount: Type.Integer({ minimum: 1 }) })),
  /** Names that would become new tags. */
  newTags: Type.Array(Type.String()),
});
export type TagChangePlan = Static<typeof TagChangePlan>;

export const planDeviceTags = defineRoute({
  name: 'planDeviceTags',
  method: 'POST',
  path: '/api/v1/device-tags/plan',
  tag,
  access: edit,
  summary: 'Which tags devices have, and what putting tags on and taking tags off would change',
  body: Type.Object(TagChange, { additionalProperties: false }),
  response: TagChangePlan,
});
export const changeDeviceTags = defineRoute({
  name: 'changeDeviceTags',
  method: 'POST',
  path: '/api/v1/device-tags',
  tag,
  access: edit,
  summary: 'Put tags on devices and take tags off, all or none',
  body: Type.Object(
    {
      ...TagChange,
      /** Of the plan that was shown; needed with a filter, whose devices may be others meanwhile. */
      planToken: Type.Optional(PlanToken),
    },
    { additionalProperties: false },
  ),
  response: Type.Object({
    changedCount: Type.Integer({ minimum: 0 }),
    /** What an undo has to name, for a day; null when nothing changed. */
    changeId: Type.Union([Uuid, Type.Null()]),
  }),
});
export const undoTagChange = defineRoute({
  name: 'undoTagChange',
  method: 'POST',
  path: '/api/v1/device-tags/:changeId/undo',
  tag,
  access: edit,
  summary: 'Take a change of tags back on every device that it changed, once and within a day',
  params: Type.Object({ changeId: Uuid }, { additionalProperties: false }),
  response: Type.Object({ changedCount: Type.Integer({ minimum: 0 }) }),
});
