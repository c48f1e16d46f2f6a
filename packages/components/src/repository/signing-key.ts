import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { ComponentError } from '../component.errors.ts';
import { type JsonObject, keyIdOf } from '../metadata/index.ts';
import { decryptPrivateKey, encryptPrivateKey } from './pkcs8.ts';

/** A key that signs for a role: Ed25519. Where its private half lives is its owner's affair. */
export interface SigningKey {
  readonly id: string;
  /** The public half as it stands in metadata. */
  readonly publicKey: JsonObject;
  sign(bytes: Uint8Array): Uint8Array;
}

// Whoever steals the file can try passphrases as fast as the machine goes.
const MIN_PASSPHRASE = 12;
const MAX_PASSPHRASE = 1024;

/** A new private key. */
export function generateSigningKey(): KeyObject {
  return generateKeyPairSync('ed25519').privateKey;
}

/** @throws ComponentError SIGNING_KEY_UNREADABLE when it is no private Ed25519 key */
export function toSigningKey(key: KeyObject): SigningKey {
  if (key.type !== 'private' || key.asymmetricKeyType !== 'ed25519')
    throw new ComponentError('SIGNING_KEY_UNREADABLE', 'This is no private Ed25519 key.');
  const publicKey = toPublicJson(createPublicKey(key));
  return { id: keyIdOf(publicKey), publicKey, sign: (bytes) => sign(null, bytes, key) };
}

/** The PEM of a public key as metadata want it. */
export function parsePublicPem(pem: string): JsonObject {
  try {
    const key = createPublicKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return toPublicJson(key);
  } catch (error) {
    throw new ComponentError('SIGNING_KEY_UNREADABLE', 'This is no public key.', { cause: error });
  }
  throw new ComponentError('SIGNING_KEY_UNREADABLE', 'This is no Ed25519 key.');
}

/** @throws ComponentError PASSPHRASE_TOO_SHORT */
export async function formatSigningKey(key: KeyObject, passphrase: string): Promise<string> {
  if (passphrase.length < MIN_PASSPHRASE || passphrase.length > MAX_PASSPHRASE) {
    throw new ComponentError(
      'PASSPHRASE_TOO_SHORT',
      `The passphrase must have ${MIN_PASSPHRASE} to ${MAX_PASSPHRASE} characters.`,
      { remedy: 'Take several words that nobody would put together.' },
    );
  }
  return await encryptPrivateKey(key, passphrase);
}

/**
 * Inverse of {@link formatSigningKey}.
 *
 * @throws ComponentError SIGNING_KEY_UNREADABLE, PASSPHRASE_WRONG
 */
export function parseSigningKey(pem: string, passphrase: string): SigningKey {
  if (!/^-----BEGIN (?:ENCRYPTED )?PRIVATE KEY-----\r?$/m.test(pem))
    throw new ComponentError('SIGNING_KEY_UNREADABLE', 'The file holds no private key.');
  return toSigningKey(openPem(pem, passphrase));
}

function openPem(pem: string, passphrase: string): KeyObject {
  try {
    return decryptPrivateKey(pem, passphrase);
  } catch (error) {
    const isEncrypted = pem.includes('-----BEGIN ENCRYPTED PRIVATE KEY-----');
    if (!isEncrypted)
      throw new ComponentError('SIGNING_KEY_UNREADABLE', 'The file holds no readable private key.', {
        cause: error,
      });
    throw new ComponentError(
      'PASSPHRASE_WRONG',
      'The passphrase does not open the key, or the file is damaged.',
      {
        cause: error,
      },
    );
  }
}

function toPublicJson(key: KeyObject): JsonObject {
  const { x } = key.export({ format: 'jwk' });
  return {
    keytype: 'ed25519',
    scheme: 'ed25519',
    keyval: { public: Buffer.from(x ?? '', 'base64url').toString('hex') },
  };
}
