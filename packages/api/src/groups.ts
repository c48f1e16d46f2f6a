import { type Static, Type } from 'typebox';
import { ChangePlan, PlanToken } from './change-plan.ts';
import { RecycledItem } from './recycle-bin.ts';
import { defineRoute } from './route.ts';
import { Name, Revision, Uuid } from './scalars.ts';

export const Group = Type.Object({
  id: Uuid,
  /** Null only for the top group. */
  parentId: Type.Union([Uuid, Type.Null()]),
  name: Type.String(),
  /** Names from below the top group down, e.g. `["Berlin", "Sales"]`; empty for the top group. */
  path: Type.Array(Type.String()),
  depth: Type.Integer({ minimum: 0 }),
  revision: Revision,
  /** Devices directly in this group. */
  deviceCount: Type.Integer({ minimum: 0 }),
  /** The top group and New devices can neither be renamed, moved nor removed. */
  isFixed: Type.Boolean(),
});
export type Group = Static<typeof Group>;

const tag = 'Directory';
const read = { permission: 'directory:read' } as const;
const edit = { permission: 'directory:edit' } as const;
const GroupParams = Type.Object({ groupId: Uuid }, { additionalProperties: false });

export const listGroups = defineRoute({
  name: 'listGroups',
  method: 'GET',
  path: '/api/v1/groups',
  tag,
  access: read,
  summary: 'All groups in scope, parents before children',
  response: Type.Object({ groups: Type.Array(Group) }),
});
export const createGroup = defineRoute({
  name: 'createGroup',
  method: 'POST',
  path: '/api/v1/groups',
  tag,
  access: edit,
  status: 201,
  summary: 'Create a subgroup',
  body: Type.Object({ parentId: Uuid, name: Name }, { additionalProperties: false }),
  response: Group,
});
export const renameGroup = defineRoute({
  name: 'renameGroup',
  method: 'PATCH',
  path: '/api/v1/groups/:groupId',
  tag,
  access: edit,
  summary: 'Rename a group',
  params: GroupParams,
  body: Type.Object({ name: Name, revision: Revision }, { additionalProperties: false }),
  response: Group,
});
export const planGroupMove = defineRoute({
  name: 'planGroupMove',
  method: 'POST',
  path: '/api/v1/groups/:groupId/move-plan',
  tag,
  access: edit,
  summary: 'What moving a group would change',
  params: GroupParams,
  body: Type.Object({ parentId: Uuid }, { additionalProperties: false }),
  response: ChangePlan,
});
export const moveGroup = defineRoute({
  name: 'moveGroup',
  method: 'POST',
  path: '/api/v1/groups/:groupId/move',
  tag,
  access: edit,
  summary: 'Move a group with all that is in it',
  params: GroupParams,
  body: Type.Object({ parentId: Uuid, planToken: PlanToken }, { additionalProperties: false }),
  response: Group,
});
export const planGroupRemoval = defineRoute({
  name: 'planGroupRemoval',
  method: 'POST',
  path: '/api/v1/groups/:groupId/removal-plan',
  tag,
  access: edit,
  summary: 'What removing a group would change',
  params: GroupParams,
  response: ChangePlan,
});
export const removeGroup = defineRoute({
  name: 'removeGroup',
  method: 'POST',
  path: '/api/v1/groups/:groupId/removal',
  tag,
  access: edit,
  summary: 'Move a group with all that is in it to the recycle bin',
  params: GroupParams,
  body: Type.Object({ planToken: PlanToken }, { additionalProperties: false }),
  response: RecycledItem,
});

export const getDirectorySummary = defineRoute({
  name: 'getDirectorySummary',
  method: 'GET',
  path: '/api/v1/directory/summary',
  tag,
  isHeavy: true,
  access: read,
  summary: 'Counts of devices by status, platform, encryption and agent version',
  query: Type.Object({ groupId: Type.Optional(Uuid) }, { additionalProperties: false }),
  response: Type.Object({
    deviceCount: Type.Integer(),
    groupCount: Type.Integer(),
    waitingCount: Type.Integer(),
    byStatus: Type.Record(Type.String(), Type.Integer()),
    byPlatform: Type.Record(Type.String(), Type.Integer()),
    encryption: Type.Object({
      encrypted: Type.Integer(),
      notEncrypted: Type.Integer(),
      unknown: Type.Integer(),
    }),
    /** The versions that most agents run, the most frequent first; an empty one was never reported. */
    byAgentVersion: Type.Array(Type.Object({ version: Type.String(), count: Type.Integer() })),
  }),
});
