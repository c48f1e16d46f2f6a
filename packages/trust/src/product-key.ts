import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { decodeBase64Url } from '@holdfast/kernel';
import { TrustError } from './trust.errors.ts';

/** A P-256 public key as RFC 7517 writes it, and nothing else in it. */
export interface PublicJwk {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
}

/** The key pair that is a managed product's identity. The private key never leaves the device. */
export interface ProductKey {
  readonly privateKey: KeyObject;
  readonly publicJwk: PublicJwk;
  /** RFC 7638 SHA-256 thumbprint of the public key, base64url. */
  readonly thumbprint: string;
}

const COORDINATE_BYTES = 32;

/** A new P-256 key pair. */
export function createProductKey(): ProductKey {
  return describe(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
}

/** The private key as PKCS#8 PEM, for a file that only the product may read. */
export function exportProductKey(key: ProductKey): string {
  return key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/**
 * Reads what {@link exportProductKey} wrote.
 *
 * @throws TrustError `PRODUCT_KEY_UNREADABLE` when it is not a P-256 private key
 */
export function importProductKey(pem: string): ProductKey {
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey({ key: pem, format: 'pem' });
  } catch (cause) {
    throw unreadable(cause);
  }
  if (privateKey.asymmetricKeyType !== 'ec' || privateKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw unreadable();
  }
  return describe(privateKey);
}

function unreadable(cause?: unknown): TrustError {
  return new TrustError(
    'PRODUCT_KEY_UNREADABLE',
    'The product key cannot be read: it is not a P-256 private key.',
    {
      cause,
      remedy: 'Restore the key file from a backup, or enrol this product anew.',
    },
  );
}

function describe(privateKey: KeyObject): ProductKey {
  const publicJwk = parsePublicJwk(createPublicKey(privateKey).export({ format: 'jwk' }));
  // A P-256 key that the runtime exports always has this form.
  if (publicJwk === undefined) throw unreadable();
  return { privateKey, publicJwk, thumbprint: calculateThumbprint(publicJwk) };
}

/**
 * Strict reading of a public key: exactly the four members, coordinates of 32 bytes in canonical base64url. Anything
 * else, a private member above all, gives `undefined`. Whether the point lies on the curve is checked by
 * {@link importPublicJwk}.
 */
export function parsePublicJwk(value: unknown): PublicJwk | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const members = new Map<string, unknown>(Object.entries(value));
  if (members.size !== 4 || members.get('kty') !== 'EC' || members.get('crv') !== 'P-256') return undefined;
  const x = members.get('x');
  const y = members.get('y');
  return isCoordinate(x) && isCoordinate(y) ? { kty: 'EC', crv: 'P-256', x, y } : undefined;
}

function isCoordinate(value: unknown): value is string {
  return (
    typeof value === 'string' && value.length === 43 && decodeBase64Url(value)?.length === COORDINATE_BYTES
  );
}

/** The key for verifying, or `undefined` when the point does not lie on the curve. */
export function importPublicJwk(jwk: PublicJwk): KeyObject | undefined {
  try {
    return createPublicKey({ key: { ...jwk }, format: 'jwk' });
  } catch {
    // The form was checked before; what is left to fail is the point itself.
    return undefined;
  }
}

/** RFC 7638: SHA-256 over the required members in lexicographic order, base64url. */
export function calculateThumbprint(jwk: PublicJwk): string {
  const canonical = `{"crv":"${jwk.crv}","kty":"${jwk.kty}","x":"${jwk.x}","y":"${jwk.y}"}`;
  return createHash('sha256').update(canonical, 'utf8').digest('base64url');
}
