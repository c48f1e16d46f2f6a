import { AppError, type AppErrorOptions } from '@holdfast/kernel';
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
export class MessageError extends AppError<MessageErrorCode> {
  readonly code: MessageErrorCode;

  constructor(code: MessageErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}

/**
 * JSON text → value. The depth is counted before the text is parsed, so that no recursive reader behind it can be
 * driven out of stack.
 *
 * @throws MessageError `MESSAGE_TOO_LARGE`, `MESSAGE_TOO_DEEP`, `MESSAGE_NOT_JSON`
 */
export function parseJson(text: string, maxCharacters: number): unknown {
  if (!(text.length <= maxCharacters)) {
    throw new MessageError('MESSAGE_TOO_LARGE', `The message is longer than ${maxCharacters} characters.`);
  }
  if (!isShallowJson(text, limits.maxJsonDepth)) {
    throw new MessageError(
      'MESSAGE_TOO_DEEP',
      `The message is nested deeper than ${limits.maxJsonDepth} levels.`,
    );
  }
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own text quotes the content, which may hold a secret.
    throw new MessageError('MESSAGE_NOT_JSON', 'The message is not JSON.');
  }
}

/** True when brackets and braces outside strings never nest deeper than `maxDepth`. */
export function isShallowJson(text: string, maxDepth: number): boolean {
  let depth = 0;
  let isInString = false;
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i);
    if (isInString) {
      if (character === 0x5c) i++;
      else if (character === 0x22) isInString = false;
    } else if (character === 0x22) isInString = true;
    else if (character === 0x7b || character === 0x5b) {
      if (++depth > maxDepth) return false;
    } else if (character === 0x7d || character === 0x5d) depth--;
  }
  return true;
}

/**
 * Checks a value against a schema.
 *
 * @throws MessageError `MESSAGE_MALFORMED` with the first place that is wrong
 */
export function parseMessage<Schema extends TSchema>(schema: Schema, value: unknown): Static<Schema> {
  if (Check(schema, value)) return value as Static<Schema>;
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
export function parseRegistrationRequest(text: string): RegistrationRequest {
  return parseMessage(RegistrationRequestSchema, parseJson(text, limits.maxSignedRequestCharacters));
}

/**
 * Reads the signed request string of a handshake. Verify the assertion over its bytes before acting on it.
 *
 * @throws MessageError with any of its codes
 */
export function parseHandshakeRequest(text: string): HandshakeRequest {
  return parseMessage(HandshakeRequestSchema, parseJson(text, limits.maxSignedRequestCharacters));
}
