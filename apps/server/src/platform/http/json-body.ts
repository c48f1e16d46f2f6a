import { decodeUtf8 } from '@holdfast/kernel';
import { createBoundError, findBrokenJsonBound, type JsonBounds } from '@holdfast/protocol';
import { HttpError } from './http.errors.ts';

/** Of calls of the API: deeper than any contract, and more values than any needs; a thousand devices by name are a thousand. */
export const apiJsonBounds: JsonBounds = { maxDepth: 32, maxValues: 20_000 };

/**
 * Reads a JSON body strictly: well-formed UTF-8, bounded depth and number of values, no key that would reach a prototype, no text
 * that nothing can store. Nothing at all is `undefined`.
 *
 * @throws HttpError BODY_INVALID; MessageError MESSAGE_TOO_DEEP, MESSAGE_TOO_LARGE
 */
export function parseJsonBody(bytes: Buffer, bounds: JsonBounds = apiJsonBounds): unknown {
  if (bytes.length === 0) return undefined;
  const text = decodeUtf8(bytes);
  if (text === undefined) throw invalid('The body is not UTF-8.');
  const broken = findBrokenJsonBound(text, bounds);
  if (broken !== undefined) throw createBoundError(broken, bounds);
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

function invalid(message: string, cause?: unknown): HttpError {
  return new HttpError('BODY_INVALID', message, { cause, remedy: 'Send one JSON value in UTF-8.' });
}
