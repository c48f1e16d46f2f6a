import { createHash, randomBytes, randomInt } from 'node:crypto';
import { encodeBase64Url } from '@holdfast/kernel';

/** A secret as its owner gets it once, and the only thing of it that is kept. */
export interface NewSecret {
  readonly text: string;
  readonly hash: Buffer;
}

const SECRET_BYTES = 32;
const PREFIX_ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';
const PREFIX_LENGTH = 8;
const API_KEY = /^(hfk_[A-Za-z0-9]{8})_[A-Za-z0-9_-]{43}$/;
const OPAQUE = /^[A-Za-z0-9_-]{43}$/;

/** 256 random bits in base64url: session tokens and the secrets of one-time links. */
export function createOpaqueSecret(): NewSecret {
  const text = encodeBase64Url(randomBytes(SECRET_BYTES));
  return { text, hash: hashSecret(text) };
}

/** True for what {@link createOpaqueSecret} could have made. Nothing else is worth a look into the database. */
export function isOpaqueSecret(text: string): boolean {
  return OPAQUE.test(text);
}

/** `hfk_`, eight characters to recognise the key by, and 256 random bits. */
export function createApiKeySecret(): NewSecret & { readonly prefix: string } {
  let tail = '';
  for (let index = 0; index < PREFIX_LENGTH; index += 1)
    tail += PREFIX_ALPHABET[randomInt(PREFIX_ALPHABET.length)];
  const prefix = `hfk_${tail}`;
  const text = `${prefix}_${encodeBase64Url(randomBytes(SECRET_BYTES))}`;
  return { prefix, text, hash: hashSecret(text) };
}

export function isApiKeySecret(text: string): boolean {
  return API_KEY.test(text);
}

/**
 * A fast hash is right here: 256 random bits cannot be guessed, and a copy of the database must not open anything.
 * Looking a hash up by an index tells an attacker nothing, because a guess's hash is as good as random.
 */
export function hashSecret(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}

/**
 * The token that a browser sends beside its cookie. It follows from the session token one way, so it needs no
 * storage, differs for each session, and says nothing about the cookie.
 */
export function deriveCsrfToken(sessionToken: string): string {
  return createHash('sha256').update('holdfast csrf v1\0').update(sessionToken, 'utf8').digest('base64url');
}
