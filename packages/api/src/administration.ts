import { type Static, Type } from 'typebox';
import { defineRoute } from './route.ts';
import { Cursor, Instant, oneOf, PageLimit, Revision, SearchText, Uuid } from './scalars.ts';

export const auditActorKinds = ['administrator', 'api-key', 'product', 'system', 'anonymous'] as const;

export const AuditEntry = Type.Object({
  id: Uuid,
  /** Position in the chain; grows by one. */
  sequence: Type.Integer(),
  occurredAt: Instant,
  actorKind: oneOf(auditActorKinds),
  actorName: Type.String(),
  /** What was done, past tense, e.g. `group.renamed`. */
  action: Type.String(),
  objectKind: Type.String(),
  objectId: Type.String(),
  objectName: Type.String(),
  /** What tells a device from others of its name, such as a serial number; absent where there is no other. */
  objectDistinction: Type.Optional(Type.String()),
  details: Type.Record(Type.String(), Type.Unknown()),
  remoteAddress: Type.String(),
  requestId: Type.String(),
});
export type AuditEntry = Static<typeof AuditEntry>;

export const CommunicationSettings = Type.Object(
  {
    heartbeatIntervalMs: Type.Integer({ minimum: 1_000, maximum: 28_800_000 }),
    /** At least three heartbeat intervals; refused otherwise. */
    offlineTimeoutMs: Type.Integer({ minimum: 3_000, maximum: 604_800_000 }),
  },
  { additionalProperties: false },
);
export type CommunicationSettings = Static<typeof CommunicationSettings>;

/** Until somebody changes it: silence is noticed after a minute, at a price of three small datagrams a minute. */
export const defaultCommunicationSettings: CommunicationSettings = {
  heartbeatIntervalMs: 20_000,
  offlineTimeoutMs: 60_000,
};

export const Settings = Type.Object({
  revision: Revision,
  communication: CommunicationSettings,
  changedAt: Type.Union([Instant, Type.Null()]),
  changedBy: Type.Union([Type.String(), Type.Null()]),
});
export type Settings = Static<typeof Settings>;

/** How near the end of the authority is: two years, one year and ninety days before it something begins. */
export const authorityPhases = [
  'good',
  'renewal-due',
  'ends-soon',
  'ends-very-soon',
  'ended',
  'not-yet-valid',
] as const;
export type AuthorityPhase = (typeof authorityPhases)[number];

/** Where products are told to reach this server, in the order to try. Empty: they keep those of their enrolment. */
export const ServerAddressSettings = Type.Object({
  revision: Revision,
  addresses: Type.Array(Type.String()),
  /** Where this server finds that it is reached now. */
  ownAddresses: Type.Array(Type.String()),
  changedAt: Type.Union([Instant, Type.Null()]),
  changedBy: Type.Union([Type.String(), Type.Null()]),
});
export type ServerAddressSettings = Static<typeof ServerAddressSettings>;

export const SystemState = Type.Object({
  version: Type.String(),
  startedAt: Instant,
  serverTimeAt: Instant,
  addresses: Type.Array(Type.String()),
  /** SHA-256 of the certificate authority, base64url: the one that enrolment tokens carry. */
  authorityFingerprint: Type.String(),
  /** What devices trust. */
  authority: Type.Object({
    /** False: one of the organisation, which Holdfast cannot renew. */
    isOwn: Type.Boolean(),
    beginsAt: Instant,
    expiresAt: Instant,
    phase: oneOf(authorityPhases),
    /** The one that will follow; null while none is made. */
    next: Type.Union([
      Type.Object({
        fingerprint: Type.String(),
        expiresAt: Instant,
        /** Products in use that said that they trust it, and the others. */
        knownBy: Type.Integer(),
        unknownTo: Type.Integer(),
      }),
      Type.Null(),
    ]),
  }),
  certificateExpiresAt: Instant,
  udpPort: Type.Union([Type.Integer(), Type.Null()]),
  database: Type.Object({
    kind: oneOf(['embedded', 'external'] as const),
    version: Type.String(),
    isReachable: Type.Boolean(),
    /** It answers and takes changes: not a standby, not made read-only, no disk that is full. */
    isWritable: Type.Boolean(),
    /** A later release has prepared it; this one works on it as it is. */
    isNewer: Type.Boolean(),
  }),
  memoryBytes: Type.Integer(),
  productCount: Type.Integer(),
});
export type SystemState = Static<typeof SystemState>;

const tag = 'Administration';

export const listAuditEntries = defineRoute({
  name: 'listAuditEntries',
  method: 'GET',
  path: '/api/v1/audit-entries',
  tag,
  isHeavy: true,
  access: { permission: 'audit:read' },
  summary: 'The audit log, newest first',
  query: Type.Object(
    {
      search: Type.Optional(SearchText),
      action: Type.Optional(Type.String({ maxLength: 64 })),
      objectId: Type.Optional(Type.String({ maxLength: 64 })),
      actorKind: Type.Optional(oneOf(auditActorKinds)),
      /** The whole name, as entries show it. */
      actorName: Type.Optional(Type.String({ maxLength: 256 })),
      from: Type.Optional(Instant),
      to: Type.Optional(Instant),
      cursor: Type.Optional(Cursor),
      limit: Type.Optional(PageLimit),
    },
    { additionalProperties: false },
  ),
  response: Type.Object({ entries: Type.Array(AuditEntry), nextCursor: Type.Union([Cursor, Type.Null()]) }),
});
export const getSettings = defineRoute({
  name: 'getSettings',
  method: 'GET',
  path: '/api/v1/settings',
  tag,
  access: { permission: 'settings:read' },
  summary: 'Settings of this server',
  response: Settings,
});
export const updateCommunicationSettings = defineRoute({
  name: 'updateCommunicationSettings',
  method: 'PUT',
  path: '/api/v1/settings/communication',
  tag,
  access: { permission: 'settings:manage' },
  summary: 'Change heartbeat interval and offline timeout',
  body: Type.Object(
    { revision: Revision, communication: CommunicationSettings },
    { additionalProperties: false },
  ),
  response: Settings,
});
export const getServerAddresses = defineRoute({
  name: 'getServerAddresses',
  method: 'GET',
  path: '/api/v1/settings/addresses',
  tag,
  access: { permission: 'settings:read' },
  summary: 'Where products are told to reach this server',
  response: ServerAddressSettings,
});
export const updateServerAddresses = defineRoute({
  name: 'updateServerAddresses',
  method: 'PUT',
  path: '/api/v1/settings/addresses',
  tag,
  access: { permission: 'settings:manage' },
  summary: 'Tell products other addresses of this server',
  body: Type.Object(
    {
      revision: Revision,
      /** Origins such as `https://holdfast.example:8443`; as many as a product keeps. */
      addresses: Type.Array(Type.String({ maxLength: 300 }), { maxItems: 8 }),
    },
    { additionalProperties: false },
  ),
  response: ServerAddressSettings,
});
export const getSystemState = defineRoute({
  name: 'getSystemState',
  method: 'GET',
  path: '/api/v1/system',
  tag,
  access: { permission: 'system:read' },
  summary: 'State of the server itself',
  response: SystemState,
});
