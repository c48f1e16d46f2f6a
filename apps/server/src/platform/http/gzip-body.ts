import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { MessageError } from '@holdfast/protocol';
import { HttpError } from './http.errors.ts';

const gunzipAsync = promisify(gunzip);

/** Bounds of a body that may come as gzip; bytes. */
export interface GzipLimits {
  readonly maxPackedBytes: number;
  readonly maxBytes: number;
}

/** A member of gzip is at least its header and its trailer; the trailer ends with the length of what is inside. */
const MIN_MEMBER_BYTES = 18;
const LENGTH_BYTES = 4;

/**
 * The bytes inside a body with a content encoding. A body that is too large by its own word is refused before anything
 * is inflated, and one that lied is stopped at the bound.
 *
 * @param gzip absent where the route takes no compressed bodies
 * @throws MessageError MESSAGE_TOO_LARGE; HttpError CONTENT_TYPE_UNSUPPORTED, BODY_INVALID
 */
export async function unpackBody(
  body: Buffer,
  encoding: string,
  gzip: GzipLimits | undefined,
): Promise<Buffer> {
  const name = encoding.trim().toLowerCase();
  if (name === 'identity') return body;
  if (name !== 'gzip' || gzip === undefined) {
    throw new HttpError(
      'CONTENT_TYPE_UNSUPPORTED',
      'This call does not take a body with this content encoding.',
      {
        remedy: 'Send the body as it is, without the header Content-Encoding.',
      },
    );
  }
  if (body.length > gzip.maxPackedBytes) throw createTooLarge(gzip.maxPackedBytes);
  if (body.length < MIN_MEMBER_BYTES) throw createInvalid();
  const length = body.readUInt32LE(body.length - LENGTH_BYTES);
  if (length > gzip.maxBytes) throw createTooLarge(gzip.maxBytes);
  // One byte more than was announced: that there is more is known without inflating the rest.
  const bytes = await inflate(body, length + 1, gzip);
  // Another member, or anything else behind the first, makes the announced length a wrong one.
  if (bytes.length !== length) throw createInvalid();
  return bytes;
}

async function inflate(body: Buffer, maxOutputLength: number, gzip: GzipLimits): Promise<Buffer> {
  try {
    return await gunzipAsync(body, { maxOutputLength });
  } catch (cause) {
    if (cause instanceof RangeError && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE') {
      throw createTooLarge(gzip.maxBytes);
    }
    throw createInvalid(cause);
  }
}

function createTooLarge(maxBytes: number): MessageError {
  return new MessageError(
    'MESSAGE_TOO_LARGE',
    `The body is larger than ${maxBytes} bytes, or than it says.`,
    {
      facts: { maxBytes },
      remedy: 'Send less in one call.',
    },
  );
}

function createInvalid(cause?: unknown): HttpError {
  return new HttpError('BODY_INVALID', 'The body is not one complete member of gzip.', {
    ...(cause === undefined ? {} : { cause }),
  });
}
