import { type Static, Type } from 'typebox';
import { defineRoute } from './route.ts';
import { Instant, Name, oneOf, Revision, Uuid } from './scalars.ts';

/** How many places downloads come from at most. */
export const MAX_COMPONENT_SOURCES = 10;
/** How many downloads the history shows, the newest. */
export const COMPONENT_DOWNLOADS_SHOWN = 100;

const closed = { additionalProperties: false } as const;
const Bytes = Type.Integer({ minimum: 0 });
const ReleaseNumber = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const orNull = <Schema extends Parameters<typeof Type.Union>[0][number]>(schema: Schema) =>
  Type.Union([schema, Type.Null()]);
const ComponentId = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' });

/** What a component is to those who use it. */
export const ComponentKindWord = oneOf(['pattern', 'rules', 'engine', 'program'] as const);

/** How a device is with one component. */
export const componentStates = ['up-to-date', 'behind', 'downloading', 'staged', 'failed'] as const;
export type ComponentStateWord = (typeof componentStates)[number];

/** Something that is updated, as the newest signed metadata describe it. */
export const Component = Type.Object({
  id: Type.String(),
  kind: ComponentKindWord,
  title: Type.String(),
  platforms: Type.Array(Type.String()),
  /** Which handler of the agent verifies and switches it. */
  handler: Type.String(),
  release: ReleaseNumber,
  /** The same for people. */
  version: Type.String(),
  isUrgent: Type.Boolean(),
  /** When this server got the newest release. */
  arrivedAt: Instant,
  fullBytes: Bytes,
  /** False for one that the newest metadata do not name any more. */
  isOffered: Type.Boolean(),
  /** Devices that reported it, each counted once. */
  devices: Type.Object({
    upToDate: Type.Integer({ minimum: 0 }),
    /** With an older release, whatever they are doing about it. */
    behind: Type.Integer({ minimum: 0 }),
    /** Of both, those whose last attempt failed. */
    failed: Type.Integer({ minimum: 0 }),
  }),
});
export type Component = Static<typeof Component>;

export const ReleaseOfComponent = Type.Object({
  release: ReleaseNumber,
  version: Type.String(),
  isUrgent: Type.Boolean(),
  arrivedAt: Instant,
  fullBytes: Bytes,
  /** Ways to this release from earlier ones, the newest first. */
  increments: Type.Array(Type.Object({ from: ReleaseNumber, encoding: Type.String(), bytes: Bytes })),
  /** Devices that have exactly this release. */
  deviceCount: Type.Integer({ minimum: 0 }),
});
export type ReleaseOfComponent = Static<typeof ReleaseOfComponent>;

/** One component on one device, as its agent said last. */
export const DeviceComponent = Type.Object({
  componentId: Type.String(),
  /** The id, for a component that this server does not know. */
  title: Type.String(),
  kind: orNull(ComponentKindWord),
  /** Null for one that is not there yet. */
  release: orNull(ReleaseNumber),
  version: orNull(Type.String()),
  state: oneOf(componentStates),
  /** Published releases that are newer. */
  behindBy: Type.Integer({ minimum: 0 }),
  /** Why it failed, for programs and for people. */
  code: orNull(Type.String()),
  reason: orNull(Type.String()),
  changedAt: Instant,
});
export type DeviceComponent = Static<typeof DeviceComponent>;

/** The signed metadata that this server serves. */
export const ComponentRepository = Type.Object({
  /** SHA-256 of the first root that an administrator has trusted, in hexadecimal. */
  fingerprint: Type.String(),
  trustedAt: Instant,
  trustedBy: Type.String(),
  /** From then on devices believe nothing of it; null before the first download. */
  expiresAt: orNull(Instant),
});
export type ComponentRepository = Static<typeof ComponentRepository>;

const sourceSettings = {
  name: Name,
  kind: oneOf(['web', 'folder'] as const),
  /** Of a web folder, its address without credentials; else an absolute path on the server. */
  address: Type.String({ minLength: 1, maxLength: 2_000 }),
  /** `http://HOST:PORT` or `https://HOST:PORT`. */
  proxy: orNull(Type.String({ minLength: 1, maxLength: 300 })),
  userName: orNull(Type.String({ minLength: 1, maxLength: 200 })),
  proxyUserName: orNull(Type.String({ minLength: 1, maxLength: 200 })),
};
/** Never read back; null takes it away. */
const secrets = {
  password: Type.Optional(orNull(Type.String({ minLength: 1, maxLength: 500 }))),
  proxyPassword: Type.Optional(orNull(Type.String({ minLength: 1, maxLength: 500 }))),
};

/** Where the repository comes from. Several are tried in their order; what comes is believed by its signatures alone. */
export const ComponentSource = Type.Object({
  id: Uuid,
  ...sourceSettings,
  name: Type.String(),
  address: Type.String(),
  hasPassword: Type.Boolean(),
  hasProxyPassword: Type.Boolean(),
  /** PEM of the key with which this server renews what online roles sign in the folder; null where it does not. */
  publicKey: orNull(Type.String()),
  createdAt: Instant,
  revision: Revision,
});
export type ComponentSource = Static<typeof ComponentSource>;

/** The root that a source offers, before anybody trusts it. */
export const OfferedRoot = Type.Object({
  /** SHA-256 of its bytes, to be compared with what the publisher says by another way. */
  fingerprint: Type.String(),
  version: Type.Integer({ minimum: 1 }),
  expiresAt: Instant,
  /** Keys of the offline roles, and how many of them have to sign. */
  roles: Type.Array(
    Type.Object({ role: Type.String(), keyCount: Type.Integer(), threshold: Type.Integer() }),
  ),
});
export type OfferedRoot = Static<typeof OfferedRoot>;

export const ComponentDownload = Type.Object({
  id: Uuid,
  state: oneOf(['waiting', 'running', 'succeeded', 'failed'] as const),
  requestedBy: Type.String(),
  requestedAt: Instant,
  endedAt: orNull(Instant),
  /** The source that the metadata came from; null until one answered. */
  sourceName: orNull(Type.String()),
  doneBytes: Bytes,
  /** Null while nobody knows. */
  totalBytes: orNull(Bytes),
  newReleases: Type.Integer({ minimum: 0 }),
  /** Of the last attempt that failed. */
  errorCode: orNull(Type.String()),
  error: orNull(Type.String()),
});
export type ComponentDownload = Static<typeof ComponentDownload>;

const tag = 'Components';
const mayView = { permission: 'components:read' } as const;
const mayManage = { permission: 'components:manage' } as const;
const ofSource = Type.Object({ sourceId: Uuid }, closed);

export const listComponents = defineRoute({
  name: 'listComponents',
  method: 'GET',
  path: '/api/v1/components',
  tag,
  access: mayView,
  summary: 'Every component with its newest release and how many devices have it, by title',
  response: Type.Object({ components: Type.Array(Component), repository: orNull(ComponentRepository) }),
});
export const getComponent = defineRoute({
  name: 'getComponent',
  method: 'GET',
  path: '/api/v1/components/:componentId',
  tag,
  access: mayView,
  summary: 'One component with its releases, the newest first',
  params: Type.Object({ componentId: ComponentId }, closed),
  response: Type.Object({ component: Component, releases: Type.Array(ReleaseOfComponent) }),
});
export const listDeviceComponents = defineRoute({
  name: 'listDeviceComponents',
  method: 'GET',
  path: '/api/v1/devices/:deviceId/components',
  tag,
  access: { permission: 'directory:read' },
  summary: 'The components of one device, by title',
  params: Type.Object({ deviceId: Uuid }, closed),
  response: Type.Object({ components: Type.Array(DeviceComponent) }),
});
export const listComponentSources = defineRoute({
  name: 'listComponentSources',
  method: 'GET',
  path: '/api/v1/component-sources',
  tag,
  access: mayView,
  summary: 'Where components come from, in the order in which sources are tried',
  response: Type.Object({ sources: Type.Array(ComponentSource) }),
});
export const createComponentSource = defineRoute({
  name: 'createComponentSource',
  method: 'POST',
  path: '/api/v1/component-sources',
  tag,
  access: mayManage,
  status: 201,
  summary: 'Add a source, behind those that there are',
  body: Type.Object({ ...sourceSettings, ...secrets }, closed),
  response: ComponentSource,
});
export const changeComponentSource = defineRoute({
  name: 'changeComponentSource',
  method: 'PATCH',
  path: '/api/v1/component-sources/:sourceId',
  tag,
  access: mayManage,
  summary: 'Change a source; another address takes its passwords away unless they are given again',
  params: ofSource,
  body: Type.Object(
    {
      revision: Revision,
      name: Type.Optional(sourceSettings.name),
      address: Type.Optional(sourceSettings.address),
      proxy: Type.Optional(sourceSettings.proxy),
      userName: Type.Optional(sourceSettings.userName),
      proxyUserName: Type.Optional(sourceSettings.proxyUserName),
      ...secrets,
    },
    closed,
  ),
  response: ComponentSource,
});
export const removeComponentSource = defineRoute({
  name: 'removeComponentSource',
  method: 'DELETE',
  path: '/api/v1/component-sources/:sourceId',
  tag,
  access: mayManage,
  summary: 'Remove a source; what came from it stays',
  params: ofSource,
});
export const makeComponentSourceKey = defineRoute({
  name: 'makeComponentSourceKey',
  method: 'POST',
  path: '/api/v1/component-sources/:sourceId/key',
  tag,
  access: mayManage,
  summary:
    'Make a key with which this server renews the folder of a source, for its publisher to name for the online roles',
  params: ofSource,
  response: ComponentSource,
});
export const lookAtComponentSource = defineRoute({
  name: 'lookAtComponentSource',
  method: 'POST',
  path: '/api/v1/component-sources/:sourceId/look',
  tag,
  access: mayManage,
  summary: 'Read the first root that a source offers; nothing is trusted by it',
  params: ofSource,
  response: OfferedRoot,
});
export const trustComponentSource = defineRoute({
  name: 'trustComponentSource',
  method: 'POST',
  path: '/api/v1/component-sources/:sourceId/trust',
  tag,
  access: mayManage,
  summary: 'Trust the root that a source offers, if its fingerprint is this one; once for a server',
  params: ofSource,
  body: Type.Object({ fingerprint: Type.String({ pattern: '^[0-9a-f]{64}$' }) }, closed),
  response: ComponentRepository,
});
export const listComponentDownloads = defineRoute({
  name: 'listComponentDownloads',
  method: 'GET',
  path: '/api/v1/component-downloads',
  tag,
  access: mayView,
  summary: 'Downloads, the newest first, with their progress',
  response: Type.Object({ downloads: Type.Array(ComponentDownload) }),
});
export const startComponentDownload = defineRoute({
  name: 'startComponentDownload',
  method: 'POST',
  path: '/api/v1/component-downloads',
  tag,
  access: mayManage,
  status: 201,
  summary:
    'Download what the sources have that is new; the one that waits or runs already is the answer then',
  response: ComponentDownload,
});
