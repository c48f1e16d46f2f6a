import { decodeUtf8 } from '@holdfast/kernel';
import { HttpError } from './http.errors.ts';

/** Deeper than any contract, and far from what a recursive reader could not bear. */
export const MAX_JSON_DEPTH = 32;

/**
 * Reads a JSON body strictly: well-formed UTF-8, bounded depth, no key that would reach a prototype, no text that
 * nothing can store. Nothing at all is `undefined`.
 *
 * @throws HttpError BODY_INVALID
 */
export function parseJsonBody(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  const text = decodeUtf8(bytes);
  if (text === undefined) throw invalid('The body is not UTF-8.');
  if (!isShallow(bytes)) throw invalid(`The body is nested deeper than ${MAX_JSON_DEPTH} levels.`);
  // What is refused can only be spelled with these; most bodies have neither and are read quickly.
  const isSuspicious = text.includes('\\u') || text.includes('__proto__');
  try {
    return (isSuspicious ? JSON.parse(text, refuseHarm) : JSON.parse(text)) as unknown;
  } catch (error) {
    if (error instanceof HttpError) throw error;
    throw invalid('The body is not valid JSON.', error);
  }
}

// Assigning such a key later, by a spread or a merge, would change what every object inherits.
function refuseHarm(key: string, value: unknown): unknown {
  if (key === '__proto__') throw invalid('The body has a key that is not allowed.');
  if (!isStorableText(key) || (typeof value === 'string' && !isStorableText(value))) {
    throw invalid('The body has a text with a NUL or with half a character.');
  }
  return value;
}

/** False for a NUL and for half a surrogate pair: no database, file name or log takes them. */
export function isStorableText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

// Counts brackets outside strings. In UTF-8 no byte of a longer character equals one of these.
function isShallow(bytes: Buffer): boolean {
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (isInString) {
      if (byte === BACKSLASH) index += 1;
      else if (byte === QUOTE) isInString = false;
    } else if (byte === QUOTE) isInString = true;
    else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      depth += 1;
      if (depth > MAX_JSON_DEPTH) return false;
    } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) depth -= 1;
  }
  return true;
}

function invalid(message: string, cause?: unknown): HttpError {
  return new HttpError('BODY_INVALID', message, { cause, remedy: 'Send one JSON value in UTF-8.' });
}
