import { printableTextPattern } from '@holdfast/kernel';
import { Type } from 'typebox';
import { limits } from '../limits.ts';

/** A name must look the same in a list, a log and a terminal as it is, and must be seen there. */
const PRINTABLE = printableTextPattern;
const KEBAB = '^[a-z][a-z0-9-]*$';

/** Field schemas that several messages share. Every string and number is bounded. */
export const field = {
  productNumber: Type.Integer({
    minimum: 1,
    maximum: limits.maxProductNumber,
    description: 'Number of the managed product',
  }),
  epoch: Type.Integer({
    minimum: 1,
    maximum: limits.maxEpoch,
    description: 'Of the handshake; greater with each one, not always by one',
  }),
  uuid: Type.String({
    pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$',
    maxLength: 36,
  }),
  /** 32 bytes in base64url. */
  bytes32: Type.String({ pattern: '^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$', maxLength: 43 }),
  /** 16 bytes in base64url. */
  bytes16: Type.String({ pattern: '^[A-Za-z0-9_-]{21}[AQgw]$', maxLength: 22 }),
  /** 64 bytes in base64url: r and s of an ES256 signature (RFC 7518 section 3.4). */
  signature: Type.String({ pattern: '^[A-Za-z0-9_-]{85}[AQgw]$', maxLength: 86 }),
  port: Type.Integer({ minimum: 1, maximum: 65_535 }),
  /** Wall time in milliseconds since 1970, of whoever sends it. */
  timeMs: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  durationMs: Type.Integer({ minimum: 0, maximum: limits.maxOfflineTimeoutMs }),
  receipt: Type.String({
    minLength: 1,
    maxLength: limits.maxReceiptCharacters,
    description: 'Opaque; shown again at each handshake',
  }),
  accessToken: Type.String({
    minLength: 1,
    maxLength: limits.maxAccessTokenCharacters,
    pattern: '^[A-Za-z0-9_.~+/=-]+$',
  }),
  assertion: Type.String({
    minLength: 1,
    maxLength: limits.maxAssertionCharacters,
    pattern: '^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$',
  }),
  signedRequest: Type.String({
    minLength: 2,
    maxLength: limits.maxSignedRequestCharacters,
    description: 'JSON text; the assertion covers its exact bytes',
  }),
  nonce: Type.String({ minLength: 1, maxLength: limits.maxNonceCharacters, pattern: '^[A-Za-z0-9_-]+$' }),
  commandType: Type.String({ minLength: 1, maxLength: limits.maxCommandTypeCharacters, pattern: KEBAB }),
  logType: Type.String({ minLength: 1, maxLength: limits.maxLogTypeCharacters, pattern: KEBAB }),
  productKind: Type.String({ minLength: 1, maxLength: limits.maxProductKindCharacters, pattern: KEBAB }),
  productName: Type.String({ minLength: 1, maxLength: limits.maxProductNameCharacters, pattern: PRINTABLE }),
  productVersion: Type.String({
    minLength: 1,
    maxLength: limits.maxProductVersionCharacters,
    pattern: '^[0-9A-Za-z][0-9A-Za-z.+_~-]*$',
  }),
  deviceName: Type.String({ minLength: 1, maxLength: limits.maxDeviceNameCharacters, pattern: PRINTABLE }),
  hardwareId: Type.String({
    minLength: 1,
    maxLength: limits.maxHardwareIdCharacters,
    pattern: '^[A-Za-z0-9._:-]+$',
  }),
  platform: Type.String({
    minLength: 1,
    maxLength: limits.maxPlatformCharacters,
    pattern: '^[a-z0-9][a-z0-9_-]*$',
  }),
  componentId: Type.String({ minLength: 1, maxLength: 64, pattern: '^[a-z0-9][a-z0-9-]*$' }),
  componentVersion: Type.String({ minLength: 1, maxLength: 64, pattern: PRINTABLE }),
  groupPath: Type.Array(Type.String({ minLength: 1, maxLength: limits.maxGroupNameCharacters }), {
    maxItems: limits.maxGroupPathLength,
    description: 'Names of the groups from below the top to the group itself; empty for the top',
  }),
  /**
   * Any JSON object. Its size, depth and number of values are bounded by whoever reads the text. Not a record, whose check
   * matches the name of each member: four thousand times as long for two thousand members. Explicitly open, because a writer of
   * answers leaves out what its schema does not allow.
   */
  jsonObject: Type.Unsafe<Record<string, unknown>>(Type.Object({}, { additionalProperties: true })),
} as const;
