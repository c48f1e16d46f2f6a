import { type Static, Type } from 'typebox';
import { defineRoute } from './route.ts';
import { Instant, oneOf, Uuid } from './scalars.ts';

export const RecycledItem = Type.Object({
  id: Uuid,
  kind: oneOf(['group', 'device'] as const),
  name: Type.String(),
  /** Where it was. */
  path: Type.Array(Type.String()),
  deviceCount: Type.Integer({ minimum: 0 }),
  groupCount: Type.Integer({ minimum: 0 }),
  removedAt: Instant,
  removedBy: Type.String(),
});
export type RecycledItem = Static<typeof RecycledItem>;

const tag = 'Directory';
const read = { permission: 'directory:read' } as const;
const edit = { permission: 'directory:edit' } as const;

export const listRecycleBin = defineRoute({
  name: 'listRecycleBin',
  method: 'GET',
  path: '/api/v1/recycle-bin',
  tag,
  access: read,
  summary: 'What was removed and can be restored',
  response: Type.Object({ items: Type.Array(RecycledItem) }),
});
export const restoreRecycled = defineRoute({
  name: 'restoreRecycled',
  method: 'POST',
  path: '/api/v1/recycle-bin/:itemId/restore',
  tag,
  access: edit,
  summary: 'Put a removed group or device back where it was (or into the top group when that is gone)',
  params: Type.Object({ itemId: Uuid }, { additionalProperties: false }),
  response: Type.Object({
    kind: oneOf(['group', 'device'] as const),
    id: Uuid,
    path: Type.Array(Type.String()),
  }),
});
export const restoreManyRecycled = defineRoute({
  name: 'restoreManyRecycled',
  method: 'POST',
  path: '/api/v1/recycle-bin/restore',
  tag,
  access: edit,
  summary: 'Put several items back, all or none: what undoes a removal of many devices',
  body: Type.Object(
    { itemIds: Type.Array(Uuid, { minItems: 1, maxItems: 1_000, uniqueItems: true }) },
    { additionalProperties: false },
  ),
  response: Type.Object({ restoredCount: Type.Integer({ minimum: 0 }) }),
});
/** Removes for good. A product that still talks afterwards waits for re-admission. */
export const purgeRecycled = defineRoute({
  name: 'purgeRecycled',
  method: 'DELETE',
  path: '/api/v1/recycle-bin/:itemId',
  tag,
  access: edit,
  summary: 'Remove for good, with all registrations in it',
  params: Type.Object({ itemId: Uuid }, { additionalProperties: false }),
});
