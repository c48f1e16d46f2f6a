import { type Static, Type } from 'typebox';
import { defineRoute } from './route.ts';
import { Instant, Name, oneOf, Uuid } from './scalars.ts';

export const EnrolmentToken = Type.Object({
  id: Uuid,
  name: Type.String(),
  groupId: Uuid,
  groupPath: Type.Array(Type.String()),
  /** Null means without a limit. */
  maxUses: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()]),
  uses: Type.Integer({ minimum: 0 }),
  isApprovalNeeded: Type.Boolean(),
  state: oneOf(['active', 'used-up', 'expired', 'revoked'] as const),
  createdAt: Instant,
  createdBy: Type.String(),
  expiresAt: Instant,
});
export type EnrolmentToken = Static<typeof EnrolmentToken>;

/** A product that waits to be admitted: a new one that needs approval, one whose record is gone, or a copy that needs its own. */
export const WaitingRegistration = Type.Object({
  id: Uuid,
  kind: oneOf(['approval', 're-admission', 'copied'] as const),
  deviceName: Type.String(),
  platform: Type.String(),
  productName: Type.String(),
  productVersion: Type.String(),
  keyThumbprint: Type.String(),
  remoteAddress: Type.String(),
  firstSeenAt: Instant,
  lastSeenAt: Instant,
  /** Token that was used; null for a re-admission. */
  tokenName: Type.Union([Type.String(), Type.Null()]),
  groupPath: Type.Array(Type.String()),
  /** True when the product showed a receipt that this server sealed: number and group are then known to be the old ones. */
  isReceiptVerified: Type.Boolean(),
  /** The number that it will have again; null when a new one is given. */
  productNumber: Type.Union([Type.Integer(), Type.Null()]),
  /** The device whose key it used before; null for those that are no copy, and where the caller does not see that device. */
  copyOf: Type.Union([Type.Object({ deviceId: Uuid, name: Type.String() }), Type.Null()]),
});
export type WaitingRegistration = Static<typeof WaitingRegistration>;

/** A device that came with a token lately. */
export const TokenArrival = Type.Object({
  state: oneOf(['joined', 'waiting', 'refused'] as const),
  deviceName: Type.String(),
  /** Null until it has joined. */
  deviceId: Type.Union([Uuid, Type.Null()]),
  keyThumbprint: Type.String(),
  at: Instant,
});
export type TokenArrival = Static<typeof TokenArrival>;

const tag = 'Enrolment';
const TokenParams = Type.Object({ tokenId: Uuid }, { additionalProperties: false });
const WaitingParams = Type.Object({ registrationId: Uuid }, { additionalProperties: false });

export const listEnrolmentTokens = defineRoute({
  name: 'listEnrolmentTokens',
  method: 'GET',
  path: '/api/v1/enrolment-tokens',
  tag,
  access: { permission: 'enrolment-tokens:read' },
  summary: 'Enrolment tokens, newest first',
  response: Type.Object({ tokens: Type.Array(EnrolmentToken) }),
});
export const createEnrolmentToken = defineRoute({
  name: 'createEnrolmentToken',
  method: 'POST',
  path: '/api/v1/enrolment-tokens',
  tag,
  status: 201,
  access: { permission: 'enrolment-tokens:manage' },
  summary: 'Create an enrolment token; the answer holds the string once',
  body: Type.Object(
    {
      name: Name,
      groupId: Uuid,
      maxUses: Type.Union([Type.Integer({ minimum: 1, maximum: 1_000_000 }), Type.Null()]),
      expiresInMs: Type.Integer({ minimum: 60_000, maximum: 31_622_400_000 }),
      isApprovalNeeded: Type.Boolean(),
    },
    { additionalProperties: false },
  ),
  response: Type.Object({
    token: EnrolmentToken,
    tokenString: Type.String(),
    /** Where the token sends devices to, as it stands in the string. */
    addresses: Type.Array(Type.String()),
  }),
});
export const revokeEnrolmentToken = defineRoute({
  name: 'revokeEnrolmentToken',
  method: 'DELETE',
  path: '/api/v1/enrolment-tokens/:tokenId',
  tag,
  access: { permission: 'enrolment-tokens:manage' },
  summary: 'Revoke an enrolment token; devices that joined with it stay',
  params: TokenParams,
});
export const listTokenArrivals = defineRoute({
  name: 'listTokenArrivals',
  method: 'GET',
  path: '/api/v1/enrolment-tokens/:tokenId/arrivals',
  tag,
  access: { permission: 'enrolment-tokens:read' },
  summary:
    'Devices that came with a token since the server was started, newest first; only where the caller sees devices',
  params: TokenParams,
  response: Type.Object({ arrivals: Type.Array(TokenArrival) }),
});
export const listWaitingRegistrations = defineRoute({
  name: 'listWaitingRegistrations',
  method: 'GET',
  path: '/api/v1/waiting-registrations',
  tag,
  access: { permission: 'directory:read' },
  summary: 'Products that wait for approval or re-admission',
  response: Type.Object({ registrations: Type.Array(WaitingRegistration) }),
});
export const admitRegistration = defineRoute({
  name: 'admitRegistration',
  method: 'POST',
  path: '/api/v1/waiting-registrations/:registrationId/admit',
  tag,
  access: { permission: 'registrations:approve' },
  summary: 'Admit a waiting product; one whose record was gone comes back with its old key, number and group',
  params: WaitingParams,
  body: Type.Object({ groupId: Type.Optional(Uuid) }, { additionalProperties: false }),
  response: Type.Object({
    deviceId: Uuid,
    productNumber: Type.Integer(),
    groupPath: Type.Array(Type.String()),
  }),
});
export const refuseRegistration = defineRoute({
  name: 'refuseRegistration',
  method: 'POST',
  path: '/api/v1/waiting-registrations/:registrationId/refuse',
  tag,
  access: { permission: 'registrations:approve' },
  summary: 'Refuse a waiting product',
  params: WaitingParams,
});
