import { AppError } from '@holdfast/kernel';
import type { Static, TSchema } from 'typebox';
import { Check, Errors } from 'typebox/value';
import { limits } from '../limits.ts';
import { findSchemaFaults } from '../schema-words.ts';
import { type HandshakeRequest, HandshakeRequestSchema } from './handshake.ts';
import { type RegistrationRequest, RegistrationRequestSchema } from './registration.ts';

export type MessageErrorCode =
  | 'MESSAGE_TOO_LARGE'
  | 'MESSAGE_NOT_JSON'
  | 'MESSAGE_TOO_DEEP'
  | 'MESSAGE_MALFORMED';

/** A message that is not what its schema says. The facts name the place, never the content. */
export class MessageError extends AppError<MessageErrorCode> {}

/**
 * JSON text → value. Depth and values are counted before the text is parsed, so that no recursive reader behind it can be
 * driven out of stack, and no small text becomes a heap full of objects.
 *
 * @throws MessageError `MESSAGE_TOO_LARGE`, `MESSAGE_TOO_DEEP`, `MESSAGE_NOT_JSON`
 */
export function parseJson(text: string, maxCharacters: number): unknown {
  if (!(text.length <= maxCharacters)) {
    throw new MessageError('MESSAGE_TOO_LARGE', `The message is longer than ${maxCharacters} characters.`);
  }
  const broken = findBrokenJsonBound(text, jsonBounds);
  if (broken !== undefined) throw createBoundError(broken, jsonBounds);
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own text quotes the content, which may hold a secret.
    throw new MessageError('MESSAGE_NOT_JSON', 'The message is not JSON.');
  }
}

/** How much structure a JSON text may have, whatever its length. */
export interface JsonBounds {
  readonly maxDepth: number;
  /** Values of any kind, with the outermost one. An empty object costs three bytes of text and sixty of memory. */
  readonly maxValues: number;
}

/** Of every message. */
export const jsonBounds: JsonBounds = { maxDepth: limits.maxJsonDepth, maxValues: limits.maxJsonValues };

/**
 * Which bound a JSON text breaks, found without parsing it. Each value but the outermost follows a comma or a bracket that
 * opens, so counting these outside strings never counts too few.
 */
export function findBrokenJsonBound(
  text: string,
  { maxDepth, maxValues }: JsonBounds,
): 'depth' | 'values' | undefined {
  let depth = 0;
  let values = 1;
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i);
    if (character === QUOTE) i = skipString(text, i);
    else if (character === OPEN_OBJECT || character === OPEN_ARRAY) {
      if (++depth > maxDepth) return 'depth';
      if (++values > maxValues) return 'values';
    } else if (character === CLOSE_OBJECT || character === CLOSE_ARRAY) depth--;
    else if (character === COMMA && ++values > maxValues) return 'values';
  }
  return undefined;
}

/** How many values a JSON text has at the most, by the same count. For whoever cuts a batch. */
export function countJsonValues(text: string): number {
  let values = 1;
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i);
    if (character === QUOTE) i = skipString(text, i);
    else if (character === OPEN_OBJECT || character === OPEN_ARRAY || character === COMMA) values++;
  }
  return values;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Place of the quote that ends the string which begins here; the end of the text where none does. */
function skipString(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && text.charCodeAt(i) !== QUOTE) i += text.charCodeAt(i) === BACKSLASH ? 2 : 1;
  return i;
}

/** The refusal of a message that breaks a bound of its structure. */
export function createBoundError(broken: 'depth' | 'values', bounds: JsonBounds): MessageError {
  return broken === 'depth'
    ? new MessageError('MESSAGE_TOO_DEEP', `The message is nested deeper than ${bounds.maxDepth} levels.`)
    : new MessageError('MESSAGE_TOO_LARGE', `The message has more than ${bounds.maxValues} values.`, {
        facts: { maxValues: bounds.maxValues },
        remedy: 'Send less in one call.',
      });
}

/** Whether a value is what a schema says. Whoever checks thousands a second brings one that has its schemas compiled. */
export type SchemaCheck = (schema: TSchema, value: unknown) => boolean;

/**
 * Checks a value against a schema.
 *
 * @throws MessageError `MESSAGE_MALFORMED` with the first place that is wrong
 */
export function parseMessage<Schema extends TSchema>(
  schema: Schema,
  value: unknown,
  check: SchemaCheck = Check,
): Static<Schema> {
  if (check(schema, value)) return value as Static<Schema>;
  const [first] = findSchemaFaults(schema, Errors(schema, value));
  throw new MessageError(
    'MESSAGE_MALFORMED',
    'The message does not have the form that the protocol asks for.',
    {
      facts:
        first === undefined
          ? {}
          : {
              place: `/${first.path.join('/')}`.slice(0, 200),
              rule: (first.kind === 'unfit' ? `must be ${first.expected}` : `is ${first.kind}`).slice(0, 200),
            },
    },
  );
}

/**
 * Reads the signed request string of a registration. Verify the assertion over its bytes before acting on it.
 *
 * @throws MessageError with any of its codes
 */
export function parseRegistrationRequest(text: string, check?: SchemaCheck): RegistrationRequest {
  return parseMessage(RegistrationRequestSchema, parseJson(text, limits.maxSignedRequestCharacters), check);
}

/**
 * Reads the signed request string of a handshake. Verify the assertion over its bytes before acting on it.
 *
 * @throws MessageError with any of its codes
 */
export function parseHandshakeRequest(text: string, check?: SchemaCheck): HandshakeRequest {
  return parseMessage(HandshakeRequestSchema, parseJson(text, limits.maxSignedRequestCharacters), check);
}
