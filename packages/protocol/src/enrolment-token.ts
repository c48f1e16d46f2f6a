import { createHash } from 'node:crypto';
import { AppError, decodeBase64Url, decodeUtf8, encodeBase64Url, isUuid } from '@holdfast/kernel';
import { limits } from './limits.ts';
import { parseServerAddress } from './server-address.ts';

export type EnrolmentTokenErrorCode =
  | 'ENROLMENT_TOKEN_UNREADABLE'
  | 'ENROLMENT_TOKEN_DAMAGED'
  | 'ENROLMENT_TOKEN_VERSION_UNKNOWN';

/** A token string that cannot be used as it stands. Never carries the token. */
export class EnrolmentTokenError extends AppError<EnrolmentTokenErrorCode> {}

/** What one enrolment token string says. */
export interface EnrolmentToken {
  /** 1 to 8 origins such as `https://host:8443`, in the order to try. */
  readonly addresses: readonly string[];
  /** base64url SHA-256 of the DER of the server's authority certificate. */
  readonly fingerprint: string;
  readonly tokenId: string;
  /** 32 bytes, base64url. A secret: whoever has it can register a product in the token's group. */
  readonly secret: string;
}

const PREFIX = 'hf1.';
const ANY_VERSION = /^hf(\d{1,4})\./;
const CHECKSUM_BYTES = 6;
/** The members of version 1, all of them required: a token is made by a server and never extended within a version. */
const MEMBERS = ['v', 'a', 'f', 'i', 's'] as const;

/**
 * The token string: `hf1.` ‖ base64url(JSON) ‖ `.` ‖ base64url(first 6 bytes of SHA-256 of all before that dot's right
 * neighbour). The checksum finds typing errors and cut-off ends; it protects nothing.
 *
 * @throws RangeError when a field is malformed or the string would be longer than 2,048 characters
 */
export function encodeEnrolmentToken(token: EnrolmentToken): string {
  const fields = { v: 1, a: [...token.addresses], f: token.fingerprint, i: token.tokenId, s: token.secret };
  if (readFields(fields) === undefined) throw new RangeError('"token" has a malformed field');
  const text = `${PREFIX}${encodeBase64Url(Buffer.from(JSON.stringify(fields), 'utf8'))}.`;
  const whole = text + checksum(text);
  if (whole.length > limits.maxEnrolmentTokenCharacters) {
    throw new RangeError(`"addresses" are too long: the token would have ${whole.length} characters`);
  }
  return whole;
}

/**
 * Reads a token string; white space around it, as copying leaves it, is ignored.
 *
 * @throws EnrolmentTokenError `ENROLMENT_TOKEN_UNREADABLE` when it is no token at all, `ENROLMENT_TOKEN_VERSION_UNKNOWN` when it
 *   is one of another version, `ENROLMENT_TOKEN_DAMAGED` when its checksum or content is wrong
 */
export function parseEnrolmentToken(input: string): EnrolmentToken {
  // A little more than the limit, because of the white space around; never an unbounded string.
  const text = input.length <= 2 * limits.maxEnrolmentTokenCharacters ? input.trim() : input;
  const version = ANY_VERSION.exec(text);
  if (version === null || text.length > limits.maxEnrolmentTokenCharacters) {
    throw new EnrolmentTokenError('ENROLMENT_TOKEN_UNREADABLE', 'This is not an enrolment token.', {
      remedy: 'Copy the whole token from the console; it starts with "hf1.".',
    });
  }
  if (version[0] !== PREFIX) {
    throw new EnrolmentTokenError(
      'ENROLMENT_TOKEN_VERSION_UNKNOWN',
      `The enrolment token has version ${version[1]}, which this agent does not know.`,
      { remedy: 'Update the agent, then enrol again.' },
    );
  }
  const end = text.lastIndexOf('.') + 1;
  const token =
    checksum(text.slice(0, end)) === text.slice(end)
      ? readBody(text.slice(PREFIX.length, end - 1))
      : undefined;
  if (token === undefined) {
    throw new EnrolmentTokenError(
      'ENROLMENT_TOKEN_DAMAGED',
      'The enrolment token is incomplete or mistyped.',
      {
        remedy: 'Copy the whole token from the console again.',
      },
    );
  }
  return token;
}

function checksum(text: string): string {
  return encodeBase64Url(createHash('sha256').update(text, 'utf8').digest().subarray(0, CHECKSUM_BYTES));
}

function readBody(body: string): EnrolmentToken | undefined {
  const bytes = decodeBase64Url(body);
  const json = bytes === undefined ? undefined : decodeUtf8(bytes);
  if (json === undefined) return undefined;
  try {
    return readFields(JSON.parse(json));
  } catch {
    // Not JSON: the string is damaged, whatever the parser said about it.
    return undefined;
  }
}

function readFields(value: unknown): EnrolmentToken | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const fields = new Map(Object.entries(value));
  if (fields.size !== MEMBERS.length || !MEMBERS.every((member) => fields.has(member))) return undefined;
  const [v, addresses, fingerprint, tokenId, secret] = MEMBERS.map((member): unknown => fields.get(member));
  if (v !== 1 || !Array.isArray(addresses)) return undefined;
  if (addresses.length < 1 || addresses.length > limits.maxServerAddresses) return undefined;
  if (!addresses.every((address) => typeof address === 'string' && parseServerAddress(address) === address))
    return undefined;
  if (!isKey256(fingerprint) || !isKey256(secret)) return undefined;
  if (typeof tokenId !== 'string' || !isUuid(tokenId)) return undefined;
  return { addresses: addresses as string[], fingerprint, tokenId, secret };
}

function isKey256(value: unknown): value is string {
  return typeof value === 'string' && value.length === 43 && decodeBase64Url(value)?.length === 32;
}
