import { type Static, Type } from 'typebox';
import { deviceSorts } from './device-fields.ts';
import { DeviceFilter } from './devices.ts';
import { defineRoute } from './route.ts';
import { Instant, Name, oneOf, Revision, Uuid } from './scalars.ts';

/** How many one owner has at most. */
export const MAX_SAVED_VIEWS = 100;

const closed = { additionalProperties: false } as const;

/** What is looked at, and how. */
export const ViewContent = Type.Object(
  {
    filter: DeviceFilter,
    sort: Type.Optional(oneOf(deviceSorts)),
    order: Type.Optional(oneOf(['ascending', 'descending'] as const)),
    /** Those of the list, in their order, by the names that the console has for them. */
    columns: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 40, pattern: '^[a-zA-Z-]+$' }), { maxItems: 40 }),
    ),
  },
  closed,
);
export type ViewContent = Static<typeof ViewContent>;

/** A way to look at the device list that somebody gave a name. */
export const SavedView = Type.Object({
  id: Uuid,
  name: Type.String(),
  content: ViewContent,
  /** Others see it too, where they may see the group that it names. */
  isShared: Type.Boolean(),
  ownerName: Type.String(),
  /** The caller's own. */
  isOwn: Type.Boolean(),
  createdAt: Instant,
  revision: Revision,
});
export type SavedView = Static<typeof SavedView>;

const tag = 'Saved views';
const access = { permission: 'directory:read' } as const;
const params = Type.Object({ savedViewId: Uuid }, closed);

export const listSavedViews = defineRoute({
  name: 'listSavedViews',
  method: 'GET',
  path: '/api/v1/saved-views',
  tag,
  access,
  summary: 'Own views and those that others share, by name',
  response: Type.Object({ savedViews: Type.Array(SavedView) }),
});
export const createSavedView = defineRoute({
  name: 'createSavedView',
  method: 'POST',
  path: '/api/v1/saved-views',
  tag,
  access,
  status: 201,
  summary: 'Give a way to look at the list a name; sharing it needs directory:edit',
  body: Type.Object({ name: Name, content: ViewContent, isShared: Type.Optional(Type.Boolean()) }, closed),
  response: SavedView,
});
export const changeSavedView = defineRoute({
  name: 'changeSavedView',
  method: 'PATCH',
  path: '/api/v1/saved-views/:savedViewId',
  tag,
  access,
  summary: 'Change an own view: its name, what it shows, who sees it',
  params,
  body: Type.Object(
    {
      name: Type.Optional(Name),
      content: Type.Optional(ViewContent),
      isShared: Type.Optional(Type.Boolean()),
      revision: Revision,
    },
    closed,
  ),
  response: SavedView,
});
export const removeSavedView = defineRoute({
  name: 'removeSavedView',
  method: 'DELETE',
  path: '/api/v1/saved-views/:savedViewId',
  tag,
  access,
  summary: 'Remove an own view',
  params,
});
export const withdrawSavedView = defineRoute({
  name: 'withdrawSavedView',
  method: 'POST',
  path: '/api/v1/saved-views/:savedViewId/withdrawal',
  tag,
  access: { permission: 'directory:edit' },
  summary:
    'Stop the sharing of anybody’s view, which stays with its owner; needs the permission on everything',
  params,
});
