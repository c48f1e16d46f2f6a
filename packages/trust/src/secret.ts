import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { inspect } from 'node:util';

const REDACTED = '[redacted]';

/** A secret text that cannot slip into a log, a message or JSON: only {@link Secret.reveal} gives it out. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The secret itself. Every call of this is a place to review. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [Symbol.toPrimitive](): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}

/** A new secret of `byteCount` random bytes (default 32) as base64url. */
export function createSecret(byteCount = 32): Secret {
  if (!(Number.isInteger(byteCount) && byteCount >= 16 && byteCount <= 1_024)) {
    throw new RangeError(`"byteCount" expected 16 to 1024, got ${byteCount}`);
  }
  return new Secret(randomBytes(byteCount).toString('base64url'));
}

/**
 * What is stored of a secret that was made by {@link createSecret}: SHA-256. A plain hash is enough, because nobody can guess
 * 128 random bits or more; passwords go to `hashPassword`.
 */
export function hashSecret(secret: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(secret, 'utf8').digest());
}

/** True when `secret` has the stored hash; takes the same time either way. */
export function isSecretOfHash(secret: string, storedHash: Uint8Array): boolean {
  return storedHash.length === 32 && timingSafeEqual(hashSecret(secret), storedHash);
}
