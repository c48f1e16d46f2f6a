import { createHash, randomBytes, sign, verify } from 'node:crypto';
import { promisify } from 'node:util';
import { decodeBase64Url, decodeUtf8, encodeBase64Url } from '@holdfast/kernel';
import {
  calculateThumbprint,
  importPublicJwk,
  parsePublicJwk,
  type ProductKey,
  type PublicJwk,
} from './product-key.ts';
import { TrustError } from './trust.errors.ts';

// Why node:crypto and not jose here: a fleet of 100,000 returns at once, and import plus verify of one assertion takes
// about 240 µs this way and 320 µs through jose (Node 24.21), which also adds 6 MB to every agent. The token is one
// fixed form of compact JWS (RFC 7515) with an exact header, so there is little left for a library to decide. Tests
// check both directions against jose.

/** What an assertion is for; one made for the one is refused for the other. */
export const AssertionPurpose = {
  registration: 'registration',
  handshake: 'handshake',
} as const;
export type AssertionPurpose = (typeof AssertionPurpose)[keyof typeof AssertionPurpose];

export interface AssertionContent {
  readonly purpose: AssertionPurpose;
  /** `holdfast:` and the fingerprint of the server's authority: an assertion for one server is worth nothing to another. */
  readonly audience: string;
  /** The server's challenge. */
  readonly nonce: string;
  /** The exact text of the `request` member that travels with it. */
  readonly request: string;
  /** Server time out of the challenge. */
  readonly issuedAtMs: number;
}

/** An assertion in its right form, of which nothing is proven yet. */
export interface ReceivedAssertion {
  readonly publicJwk: PublicJwk;
  /** Of `publicJwk`. */
  readonly thumbprint: string;
  /** Unproven; use it only to look up the challenge. */
  readonly nonce: string;
  readonly claims: AssertionClaims;
  readonly signedText: string;
  readonly signature: Uint8Array;
}

/** The holder of the key with this thumbprint said this, now, to this server. */
export interface VerifiedAssertion {
  readonly verified: true;
  readonly purpose: AssertionPurpose;
  readonly publicJwk: PublicJwk;
  readonly thumbprint: string;
  readonly nonce: string;
  readonly assertionId: string;
}

export interface AssertionExpectation {
  readonly purpose: AssertionPurpose;
  /** One of them. */
  readonly audience: string | readonly string[];
  /** A challenge of this server that is valid and unused. */
  readonly nonce: string;
  /** The exact text that was received as `request`. */
  readonly request: string;
  readonly nowMs: number;
}

interface AssertionClaims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string;
  readonly nonce: string;
  readonly iat: number;
  readonly exp: number;
  readonly jti: string;
  readonly purpose: string;
  readonly digest: string;
}

const TYPE = 'mcp-assertion+jwt';
const LIFETIME_S = 60;
/** Server processes that share a database may differ by this much. */
const CLOCK_TOLERANCE_S = 5;
const MAX_CHARACTERS = 2_048;
const MAX_TEXT_CHARACTERS = 256;
const SIGNATURE_BYTES = 64;
const HEADER_MEMBERS = ['alg', 'typ', 'jwk'];
const TEXT_CLAIMS = ['iss', 'sub', 'aud', 'nonce', 'jti', 'purpose', 'digest'] as const;
const NUMBER_CLAIMS = ['iat', 'exp'] as const;

const verifySignature = promisify(
  (
    data: Buffer,
    key: Parameters<typeof verify>[2],
    signature: Uint8Array,
    done: (error: Error | null, isRight: boolean) => void,
  ) => verify('sha256', data, key, signature, done),
);

/** `aud` for a server: `holdfast:` and the base64url SHA-256 of the DER of its authority certificate. */
export function formatAudience(authorityFingerprint: string): string {
  return `holdfast:${authorityFingerprint}`;
}

/** Makes the assertion: compact JWS, ES256, the public key in the header, valid for 60 s of server time. */
export function signAssertion(key: ProductKey, content: AssertionContent): string {
  const iat = Math.floor(content.issuedAtMs / 1_000);
  const claims: AssertionClaims = {
    iss: key.thumbprint,
    sub: key.thumbprint,
    aud: content.audience,
    nonce: content.nonce,
    iat,
    exp: iat + LIFETIME_S,
    jti: randomBytes(16).toString('base64url'),
    purpose: content.purpose,
    digest: digestOf(content.request),
  };
  const header = { alg: 'ES256', typ: TYPE, jwk: key.publicJwk };
  const signedText = `${encodeJson(header)}.${encodeJson(claims)}`;
  // RFC 7518 section 3.4: the signature is r and s, 32 bytes each, not DER.
  const signature = sign('sha256', Buffer.from(signedText, 'ascii'), {
    key: key.privateKey,
    dsaEncoding: 'ieee-p1363',
  });
  return `${signedText}.${encodeBase64Url(signature)}`;
}

/**
 * Reads the form of an assertion, strictly: exactly the known header members with exactly their values, exactly the known
 * claims with their types. Proves nothing.
 *
 * @throws TrustError `ASSERTION_INVALID` with `facts.reason` `form`, `header` or `claims`
 */
export function parseAssertion(token: string): ReceivedAssertion {
  if (!(token.length <= MAX_CHARACTERS)) throw invalid('form');
  const parts = token.split('.');
  const [headerPart, claimsPart, signaturePart] = parts;
  if (
    parts.length !== 3 ||
    headerPart === undefined ||
    claimsPart === undefined ||
    signaturePart === undefined
  ) {
    throw invalid('form');
  }
  const signature = decodeBase64Url(signaturePart);
  if (signature === undefined || signature.length !== SIGNATURE_BYTES) throw invalid('form');
  const publicJwk = readHeader(decodeJsonObject(headerPart));
  if (publicJwk === undefined) throw invalid('header');
  const claims = readClaims(decodeJsonObject(claimsPart));
  if (claims === undefined) throw invalid('claims');
  const thumbprint = calculateThumbprint(publicJwk);
  return {
    publicJwk,
    thumbprint,
    nonce: claims.nonce,
    claims,
    signedText: `${headerPart}.${claimsPart}`,
    signature,
  };
}

/**
 * Proves an assertion: signature over the exact bytes received, then every claim. The signature is computed on the
 * runtime's thread pool, so a wave of handshakes does not hold up the event loop.
 *
 * Whether the key belongs to a registered product is for the caller to look up by the thumbprint.
 *
 * @throws TrustError `ASSERTION_INVALID` with the failed check in `facts.reason`
 */
export async function verifyAssertion(
  received: ReceivedAssertion,
  expected: AssertionExpectation,
): Promise<VerifiedAssertion> {
  const { claims, thumbprint } = received;
  // The cheap checks go first; none of them says anything about the key.
  if (claims.purpose !== expected.purpose) throw invalid('purpose');
  if (![expected.audience].flat().includes(claims.aud)) throw invalid('audience');
  if (claims.nonce !== expected.nonce) throw invalid('nonce');
  if (claims.iss !== thumbprint || claims.sub !== thumbprint) throw invalid('subject');
  if (claims.digest !== digestOf(expected.request)) throw invalid('digest');
  const nowS = expected.nowMs / 1_000;
  // Written so that a NaN refuses.
  if (!(claims.exp > claims.iat && claims.exp - claims.iat <= LIFETIME_S)) throw invalid('lifetime');
  if (!(claims.iat <= nowS + CLOCK_TOLERANCE_S && nowS < claims.exp + CLOCK_TOLERANCE_S))
    throw invalid('time');

  const key = importPublicJwk(received.publicJwk);
  if (key === undefined) throw invalid('key');
  const data = Buffer.from(received.signedText, 'ascii');
  const isRight = await verifySignature(data, { key, dsaEncoding: 'ieee-p1363' }, received.signature);
  if (!isRight) throw invalid('signature');
  return {
    verified: true,
    purpose: expected.purpose,
    publicJwk: received.publicJwk,
    thumbprint,
    nonce: claims.nonce,
    assertionId: claims.jti,
  };
}

/** What the protocol's client asks a product for: its name, and its word. */
export interface AssertionSigner {
  readonly thumbprint: string;
  signAssertion(content: AssertionContent): Promise<string>;
}

/** A signer over a key that is held in memory. */
export function createAssertionSigner(key: ProductKey): AssertionSigner {
  return {
    thumbprint: key.thumbprint,
    signAssertion: (content) => Promise.resolve(signAssertion(key, content)),
  };
}

function invalid(reason: string): TrustError {
  return new TrustError('ASSERTION_INVALID', 'The assertion does not prove the key.', { facts: { reason } });
}

function digestOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('base64url');
}

function encodeJson(value: object): string {
  return encodeBase64Url(Buffer.from(JSON.stringify(value), 'utf8'));
}

function decodeJsonObject(part: string): ReadonlyMap<string, unknown> | undefined {
  const bytes = decodeBase64Url(part);
  const text = bytes === undefined ? undefined : decodeUtf8(bytes);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return new Map<string, unknown>(Object.entries(value));
  } catch {
    // Not JSON; the parser's text would quote the content.
    return undefined;
  }
}

function readHeader(header: ReadonlyMap<string, unknown> | undefined): PublicJwk | undefined {
  if (header?.size !== HEADER_MEMBERS.length) return undefined;
  if (header.get('alg') !== 'ES256' || header.get('typ') !== TYPE) return undefined;
  return parsePublicJwk(header.get('jwk'));
}

function readClaims(claims: ReadonlyMap<string, unknown> | undefined): AssertionClaims | undefined {
  if (claims?.size !== TEXT_CLAIMS.length + NUMBER_CLAIMS.length) return undefined;
  const [iss, sub, aud, nonce, jti, purpose, digest] = TEXT_CLAIMS.map((name) => readText(claims.get(name)));
  const [iat, exp] = NUMBER_CLAIMS.map((name) => readSeconds(claims.get(name)));
  if (iss === undefined || sub === undefined || aud === undefined || nonce === undefined) return undefined;
  if (jti === undefined || purpose === undefined || digest === undefined) return undefined;
  if (iat === undefined || exp === undefined) return undefined;
  return { iss, sub, aud, nonce, iat, exp, jti, purpose, digest };
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value.length >= 1 && value.length <= MAX_TEXT_CHARACTERS
    ? value
    : undefined;
}

function readSeconds(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
