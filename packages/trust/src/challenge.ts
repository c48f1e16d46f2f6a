import type { KeyObject } from 'node:crypto';
import { openValue, sealValue } from './sealed-value.ts';
import { TrustError } from './trust.errors.ts';

const RANDOM_BYTES = 16;
/** time u48 in milliseconds ‖ 16 random bytes. */
const CONTENT_BYTES = 6 + RANDOM_BYTES;
const MAX_CHARACTERS = 256;

export interface VerifiedChallenge {
  readonly verified: true;
  readonly nonce: string;
  /** Until then the caller remembers the nonce as used; afterwards it is refused by its time. */
  readonly expiresAtMs: number;
}

/**
 * A nonce that the server recognises without keeping it.
 *
 * @param key derived under `KeyLabel.challenge`
 * @param random 16 bytes from a cryptographic source
 */
export function createChallenge(key: KeyObject, nowMs: number, random: Uint8Array): string {
  if (random.length !== RANDOM_BYTES)
    throw new RangeError(`"random" expected ${RANDOM_BYTES} bytes, got ${random.length}`);
  const bytes = Buffer.alloc(CONTENT_BYTES);
  bytes.writeUIntBE(Math.floor(nowMs), 0, 6);
  bytes.set(random, 6);
  return sealValue(key, bytes);
}

/**
 * Proves that this server made the nonce within its lifetime. Single use is the caller's part: it remembers used nonces until
 * `expiresAtMs`.
 *
 * @throws TrustError `CHALLENGE_INVALID`
 */
export function verifyChallenge(
  key: KeyObject,
  nonce: string,
  options: { readonly nowMs: number; readonly lifetimeMs: number },
): VerifiedChallenge {
  const bytes = openValue(key, nonce, MAX_CHARACTERS);
  if (bytes?.length !== CONTENT_BYTES) throw invalid();
  const madeAtMs = bytes.readUIntBE(0, 6);
  const expiresAtMs = madeAtMs + options.lifetimeMs;
  // A clock that was set back makes nonces of the future: they are as good as any other for their lifetime, not longer.
  if (!(options.nowMs < expiresAtMs && madeAtMs - options.nowMs < options.lifetimeMs)) throw invalid();
  return { verified: true, nonce, expiresAtMs };
}

function invalid(): TrustError {
  return new TrustError('CHALLENGE_INVALID', 'The challenge has expired or is not one of this server.', {
    retry: 'safe',
    remedy: 'Ask for a new challenge and sign that.',
  });
}
