import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';
import { Secret } from './secret.ts';
import { TrustError } from './trust.errors.ts';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * A secret that the server has to use again, as the database keeps it: nonce ‖ AES-256-GCM ciphertext ‖ tag.
 *
 * @param key derived for this kind of secret
 * @param owner what the secret belongs to, so that it opens for nothing else when rows are exchanged
 */
export function sealSecret(key: KeyObject, owner: string, secret: Secret): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(owner, 'utf8'));
  const sealed = Buffer.concat([cipher.update(secret.reveal(), 'utf8'), cipher.final()]);
  return new Uint8Array(Buffer.concat([nonce, sealed, cipher.getAuthTag()]));
}

/** @throws TrustError `SEALED_SECRET_UNREADABLE` when this key did not seal it, or for another owner */
export function openSecret(key: KeyObject, owner: string, bytes: Uint8Array): Secret {
  if (!(bytes.length >= NONCE_BYTES + TAG_BYTES)) throw createUnreadable();
  const end = bytes.length - TAG_BYTES;
  const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(owner, 'utf8'));
  decipher.setAuthTag(bytes.subarray(end));
  try {
    const text = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, end)), decipher.final()]);
    return new Secret(text.toString('utf8'));
  } catch (error) {
    throw createUnreadable(error);
  }
}

function createUnreadable(cause?: unknown): TrustError {
  return new TrustError(
    'SEALED_SECRET_UNREADABLE',
    'A stored secret is not one that this server has sealed.',
    {
      cause,
    },
  );
}
