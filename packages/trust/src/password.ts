import { argon2, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import {
  type Argon2idParameters,
  formatPasswordHash,
  parsePasswordHash,
  type PasswordHash,
  type Pbkdf2Parameters,
} from './password-hash.ts';
import { TrustError } from './trust.errors.ts';

/** How passwords are hashed. */
export const PasswordAlgorithm = {
  argon2id: 'argon2id',
  /** For FIPS mode, where Argon2 is not approved. */
  pbkdf2: 'pbkdf2-sha256',
} as const;
export type PasswordAlgorithm = (typeof PasswordAlgorithm)[keyof typeof PasswordAlgorithm];

/**
 * 64 MiB and 3 passes: the second recommendation of RFC 9106 section 4 and well above OWASP's minimum (19 MiB, 2 passes), with
 * one lane, because the runtime computes lanes one after the other. At most four run at once (size of the runtime's
 * thread pool), so they take at most 256 MiB.
 */
const ARGON2ID: Argon2idParameters = { algorithm: 'argon2id', memoryKiB: 65_536, passes: 3, lanes: 1 };

/** OWASP's figure for PBKDF2-HMAC-SHA-256. */
const PBKDF2: Pbkdf2Parameters = { algorithm: 'pbkdf2-sha256', iterations: 600_000 };

const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Longer input is no password; it would only cost time. */
const MAX_PASSWORD_BYTES = 1_024;

const argon2Async = promisify(argon2);
const pbkdf2Async = promisify(pbkdf2);

/** The password was right. */
export interface VerifiedPassword {
  readonly verified: true;
  /** The stored hash has weaker or other parameters than today's: store a new one now, while the password is at hand. */
  readonly needsRehash: boolean;
}

/**
 * Hash of a password as one string to store (PHC string format), computed on the thread pool.
 *
 * @throws TrustError `PASSWORD_TOO_LONG` beyond 1,024 bytes
 */
export async function hashPassword(
  password: string,
  algorithm: PasswordAlgorithm = 'argon2id',
): Promise<string> {
  const bytes = encodePassword(password);
  const parameters = parametersOf(algorithm);
  const salt = randomBytes(SALT_BYTES);
  return formatPasswordHash({ parameters, salt, hash: await derive(bytes, parameters, salt, HASH_BYTES) });
}

/**
 * Checks a password against the stored hash.
 *
 * @param algorithm today's: decides on `needsRehash`
 * @throws TrustError `PASSWORD_WRONG`, or `PASSWORD_HASH_UNREADABLE` when what is stored is no hash
 */
export async function verifyPassword(
  password: string,
  stored: string,
  algorithm: PasswordAlgorithm = 'argon2id',
): Promise<VerifiedPassword> {
  const parsed = parsePasswordHash(stored);
  const hash = await derive(encodePassword(password), parsed.parameters, parsed.salt, parsed.hash.length);
  if (!timingSafeEqual(hash, parsed.hash)) throw wrong();
  return { verified: true, needsRehash: isOutdated(parsed, algorithm) };
}

/**
 * Takes as long as checking a password, and refuses: for a name that has no account, so that the time does not tell.
 *
 * @throws TrustError `PASSWORD_WRONG`, always
 */
export async function refuseUnknownAccount(
  password: string,
  algorithm: PasswordAlgorithm = 'argon2id',
): Promise<never> {
  await derive(encodePassword(password), parametersOf(algorithm), randomBytes(SALT_BYTES), HASH_BYTES);
  throw wrong();
}

function parametersOf(algorithm: PasswordAlgorithm): Argon2idParameters | Pbkdf2Parameters {
  return algorithm === 'argon2id' ? ARGON2ID : PBKDF2;
}

function isOutdated({ parameters, salt, hash }: PasswordHash, algorithm: PasswordAlgorithm): boolean {
  if (parameters.algorithm !== algorithm || salt.length < SALT_BYTES || hash.length < HASH_BYTES) return true;
  if (parameters.algorithm === 'pbkdf2-sha256') return parameters.iterations < PBKDF2.iterations;
  return parameters.memoryKiB < ARGON2ID.memoryKiB || parameters.passes < ARGON2ID.passes;
}

function derive(
  password: Uint8Array,
  parameters: Argon2idParameters | Pbkdf2Parameters,
  salt: Uint8Array,
  length: number,
): Promise<Buffer> {
  if (parameters.algorithm === 'pbkdf2-sha256') {
    return pbkdf2Async(password, salt, parameters.iterations, length, 'sha256');
  }
  return argon2Async('argon2id', {
    message: password,
    nonce: salt,
    parallelism: parameters.lanes,
    memory: parameters.memoryKiB,
    passes: parameters.passes,
    tagLength: length,
  });
}

/** NFC, so that the same password typed on two keyboards has the same bytes (RFC 8265 section 4.2.2). */
function encodePassword(password: string): Uint8Array {
  if (!(password.length <= MAX_PASSWORD_BYTES)) throw tooLong();
  const bytes = Buffer.from(password.normalize('NFC'), 'utf8');
  if (bytes.length > MAX_PASSWORD_BYTES) throw tooLong();
  return bytes;
}

function tooLong(): TrustError {
  return new TrustError('PASSWORD_TOO_LONG', `The password is longer than ${MAX_PASSWORD_BYTES} bytes.`);
}

function wrong(): TrustError {
  return new TrustError('PASSWORD_WRONG', 'The password is wrong.');
}
