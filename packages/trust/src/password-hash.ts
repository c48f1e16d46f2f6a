import { TrustError } from './trust.errors.ts';

export interface Argon2idParameters {
  readonly algorithm: 'argon2id';
  readonly memoryKiB: number;
  readonly passes: number;
  readonly lanes: number;
}

export interface Pbkdf2Parameters {
  readonly algorithm: 'pbkdf2-sha256';
  readonly iterations: number;
}

/** A stored password hash, taken apart. */
export interface PasswordHash {
  readonly parameters: Argon2idParameters | Pbkdf2Parameters;
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

/** Argon2 version 1.3, the only one (RFC 9106). */
const ARGON2ID =
  /^\$argon2id\$v=19\$m=([1-9]\d{0,6}),t=([1-9]\d?),p=([1-9]\d?)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;
const PBKDF2 = /^\$pbkdf2-sha256\$i=([1-9]\d{0,7})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

// Bounds for what is read back, so that a changed row cannot order gigabytes or hours of work. A hash below the lower bounds
// would be no protection.
const MIN_MEMORY_KIB = 8_192;
const MAX_MEMORY_KIB = 262_144;
const MAX_PASSES = 16;
const MAX_LANES = 4;
const MIN_ITERATIONS = 100_000;
const MAX_ITERATIONS = 10_000_000;
const MIN_SALT_BYTES = 16;
const MIN_HASH_BYTES = 32;
const MAX_PART_BYTES = 64;
const MAX_CHARACTERS = 256;

/** PHC string format: `$argon2id$v=19$m=…,t=…,p=…$salt$hash` or `$pbkdf2-sha256$i=…$salt$hash`, base64 without padding. */
export function formatPasswordHash({ parameters, salt, hash }: PasswordHash): string {
  const head =
    parameters.algorithm === 'argon2id'
      ? `$argon2id$v=19$m=${parameters.memoryKiB},t=${parameters.passes},p=${parameters.lanes}`
      : `$pbkdf2-sha256$i=${parameters.iterations}`;
  return `${head}$${encodeBase64(salt)}$${encodeBase64(hash)}`;
}

/**
 * Exact inverse of {@link formatPasswordHash}; one hash has one spelling.
 *
 * @throws TrustError `PASSWORD_HASH_UNREADABLE` for anything else, and for parameters out of bounds
 */
export function parsePasswordHash(text: string): PasswordHash {
  if (!(text.length <= MAX_CHARACTERS)) throw unreadable();
  const argon2id = ARGON2ID.exec(text);
  if (argon2id !== null) {
    const [, memory, passes, lanes, salt, hash] = argon2id;
    const parameters = {
      algorithm: 'argon2id',
      memoryKiB: Number(memory),
      passes: Number(passes),
      lanes: Number(lanes),
    } as const;
    const isBounded =
      parameters.memoryKiB >= MIN_MEMORY_KIB &&
      parameters.memoryKiB <= MAX_MEMORY_KIB &&
      parameters.passes <= MAX_PASSES &&
      parameters.lanes <= MAX_LANES;
    if (!isBounded) throw unreadable();
    return { parameters, ...readParts(salt, hash) };
  }
  const pbkdf2 = PBKDF2.exec(text);
  if (pbkdf2 === null) throw unreadable();
  const [, count, salt, hash] = pbkdf2;
  const iterations = Number(count);
  if (!(iterations >= MIN_ITERATIONS && iterations <= MAX_ITERATIONS)) throw unreadable();
  return { parameters: { algorithm: 'pbkdf2-sha256', iterations }, ...readParts(salt, hash) };
}

function readParts(saltText = '', hashText = ''): { readonly salt: Uint8Array; readonly hash: Uint8Array } {
  const salt = Buffer.from(saltText, 'base64');
  const hash = Buffer.from(hashText, 'base64');
  const isCanonical = encodeBase64(salt) === saltText && encodeBase64(hash) === hashText;
  const isBounded =
    salt.length >= MIN_SALT_BYTES &&
    salt.length <= MAX_PART_BYTES &&
    hash.length >= MIN_HASH_BYTES &&
    hash.length <= MAX_PART_BYTES;
  if (!isCanonical || !isBounded) throw unreadable();
  return { salt, hash };
}

function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64').replaceAll('=', '');
}

function unreadable(): TrustError {
  return new TrustError('PASSWORD_HASH_UNREADABLE', 'The stored password hash cannot be read.', {
    remedy: 'Set a new password for this account.',
  });
}
