import { type Static, Type } from 'typebox';
import { since } from '../capability-version.ts';
import { limits } from '../limits.ts';
import { field } from './field.ts';
import { CapabilitiesSchema, DeviceSchema, ProductSchema } from './product.ts';

/** The signed request of `POST /mcp/v1/handshakes`. */
export const HandshakeRequestSchema = Type.Object(
  {
    /** The receipt of the registration or of the last handshake: what a server that lost its records goes by. */
    receipt: Type.Optional(field.receipt),
    product: ProductSchema,
    device: DeviceSchema,
    capabilities: CapabilitiesSchema,
    /** Wall time of the product, so that the server can warn of a wrong clock. Nothing else depends on it. */
    clockMs: field.timeMs,
    /**
     * Epoch of the last handshake that the product remembers. A server restored from a backup so never gives out an
     * epoch, and with it a key, a second time.
     */
    lastEpoch: Type.Optional(Type.Integer({ minimum: 0, maximum: limits.maxEpoch })),
    /**
     * Made at random at each start of the product and never written down. Two starts that take turns are two computers
     * with one key.
     */
    instance: Type.Optional(field.uuid),
    /** Fingerprints of the authorities that the product trusts. */
    trusts: Type.Optional(Type.Array(field.bytes32, since(3, { maxItems: limits.maxAuthorities }))),
  },
  { additionalProperties: false },
);
export type HandshakeRequest = Static<typeof HandshakeRequestSchema>;

/** A product shows warnings with codes it does not know as they are. */
export const HandshakeWarningSchema = Type.Object({
  /** `CLOCK_SKEW`: the clocks differ by `skewMs` (product minus server). */
  code: Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Z][A-Z0-9_]*$' }),
  skewMs: Type.Optional(
    Type.Integer({ minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }),
  ),
});
export type HandshakeWarning = Static<typeof HandshakeWarningSchema>;

export const HeartbeatTermsSchema = Type.Object({
  /** The heartbeat key of this product and epoch. A secret. */
  key: field.bytes32,
  epoch: field.epoch,
  intervalMs: Type.Integer({
    minimum: limits.minHeartbeatIntervalMs,
    maximum: limits.maxHeartbeatIntervalMs,
  }),
  offlineTimeoutMs: Type.Integer({ minimum: 1, maximum: limits.maxOfflineTimeoutMs }),
  /** Where probes and datagrams go, at the host of the address in use; `null` when the server takes none. */
  udp: Type.Union([Type.Object({ port: field.port, probeNonce: field.bytes16 }), Type.Null()]),
  /** A product that lost its server comes back within this time, spread evenly at random. Absent: 0. */
  returnSpreadMs: Type.Optional(Type.Integer({ minimum: 0, maximum: limits.maxReturnSpreadMs })),
});
export type HeartbeatTerms = Static<typeof HeartbeatTermsSchema>;

/** 200. */
export const HandshakeAnswerSchema = Type.Object({
  productNumber: field.productNumber,
  deviceId: field.uuid,
  groupId: field.uuid,
  groupPath: field.groupPath,
  receipt: field.receipt,
  accessToken: field.accessToken,
  accessTokenExpiresInMs: field.durationMs,
  serverTimeMs: field.timeMs,
  warnings: Type.Array(HandshakeWarningSchema, { maxItems: 16 }),
  heartbeat: HeartbeatTermsSchema,
  /**
   * Where products reach the server, or will reach it, in the order to try: they replace the addresses that the product knows,
   * but for the one that has just answered. Absent: nothing is said, and they stay. What is no server address is left out.
   */
  addresses: Type.Optional(
    Type.Array(Type.String({ maxLength: limits.maxServerAddressCharacters }), {
      maxItems: limits.maxServerAddresses,
    }),
  ),
  /** Port on which the administrator wants the product to listen for notifications. Absent or `null`: none. */
  listenerPort: Type.Optional(Type.Union([field.port, Type.Null()])),
  /**
   * PEM of every authority that the product is to trust from now on, the present one first, and no other. Absent: as before. Only for
   * products of capability 3 and newer.
   */
  authorities: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: limits.maxCertificateCharacters }), {
      minItems: 1,
      maxItems: limits.maxAuthorities,
    }),
  ),
});
export type HandshakeAnswer = Static<typeof HandshakeAnswerSchema>;
