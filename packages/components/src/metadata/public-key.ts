import { constants, createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { encodeHex } from '@holdfast/kernel';
import { encodeCanonicalJson } from './canonical-json.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './json.ts';

/** A key of a role, as metadata give it. */
export interface PublicKey {
  readonly id: string;
  /** As it stands in metadata, unknown members included. */
  readonly json: JsonObject;
  /** The same for the same key under whatever id; `undefined` for one that this reader cannot use. */
  readonly fingerprint: string | undefined;
  /** Whether a signature over `bytes` is this key's. False for anything that is none. */
  isSignedBy(signature: Uint8Array, bytes: Uint8Array): boolean;
}

// DER of SubjectPublicKeyInfo up to the 32 bytes of the key (RFC 8410 section 4).
const ED25519_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const MIN_RSA_BITS = 2048;
const MAX_RSA_BITS = 8192;
const MAX_KEY_CHARACTERS = 4096;

type Verifier = (bytes: Uint8Array, key: KeyObject, signature: Uint8Array) => boolean;

interface Scheme {
  readonly keyTypes: readonly string[];
  open(text: string): KeyObject | undefined;
  readonly verify: Verifier;
}

/** The three schemes of the specification (4.2.2). A key of any other may stand in metadata and counts for nothing. */
const SCHEMES: Readonly<Record<string, Scheme>> = {
  ed25519: {
    keyTypes: ['ed25519'],
    open: (text) =>
      /^[0-9a-fA-F]{64}$/.test(text)
        ? createPublicKey({
            key: Buffer.concat([ED25519_PREFIX, Buffer.from(text, 'hex')]),
            format: 'der',
            type: 'spki',
          })
        : undefined,
    verify: (bytes, key, signature) => signature.length === 64 && verify(null, bytes, key, signature),
  },
  'ecdsa-sha2-nistp256': {
    keyTypes: ['ecdsa', 'ecdsa-sha2-nistp256'],
    open: (text) => openPem(text, (key) => key.asymmetricKeyDetails?.namedCurve === 'prime256v1'),
    verify: (bytes, key, signature) => verify('sha256', bytes, key, signature),
  },
  'rsassa-pss-sha256': {
    keyTypes: ['rsa'],
    open: (text) =>
      openPem(text, (key) => {
        const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
        return key.asymmetricKeyType === 'rsa' && bits >= MIN_RSA_BITS && bits <= MAX_RSA_BITS;
      }),
    verify: (bytes, key, signature) =>
      verify('sha256', bytes, { key, padding: constants.RSA_PKCS1_PSS_PADDING }, signature),
  },
};

function openPem(text: string, isRight: (key: KeyObject) => boolean): KeyObject | undefined {
  if (!text.trimStart().startsWith('-----BEGIN PUBLIC KEY-----')) return undefined;
  const key = createPublicKey(text);
  return isRight(key) ? key : undefined;
}

/**
 * A key of metadata. One that cannot be used, because its scheme is unknown or its value is none, is no fault of the file:
 * it verifies nothing.
 */
export function toPublicKey(id: string, json: JsonObject): PublicKey {
  const scheme = findScheme(json);
  const key = scheme === undefined ? undefined : openKey(scheme, json);
  return {
    id,
    json,
    fingerprint: key === undefined ? undefined : sha256Hex(key.export({ format: 'der', type: 'spki' })),
    isSignedBy(signature, bytes) {
      if (scheme === undefined || key === undefined) return false;
      try {
        return scheme.verify(bytes, key, signature);
      } catch {
        // A signature that is not even of the right form is not this key's.
        return false;
      }
    },
  };
}

/** The id of a key by the specification (4.2.1): SHA-256 of its canonical form. */
export function keyIdOf(json: JsonObject): string {
  return sha256Hex(encodeCanonicalJson(json));
}

function findScheme(json: JsonObject): Scheme | undefined {
  const name = json['scheme'];
  const type = json['keytype'];
  if (typeof name !== 'string' || typeof type !== 'string' || !Object.hasOwn(SCHEMES, name)) return undefined;
  const scheme = SCHEMES[name];
  return scheme?.keyTypes.includes(type) === true ? scheme : undefined;
}

function openKey(scheme: Scheme, json: JsonObject): KeyObject | undefined {
  const value: JsonValue | undefined = json['keyval'];
  const text = isJsonObject(value) ? value['public'] : undefined;
  if (typeof text !== 'string' || text.length > MAX_KEY_CHARACTERS) return undefined;
  try {
    return scheme.open(text);
  } catch {
    // Not a key: it verifies nothing.
    return undefined;
  }
}

function sha256Hex(bytes: Uint8Array): string {
  return encodeHex(createHash('sha256').update(bytes).digest());
}
