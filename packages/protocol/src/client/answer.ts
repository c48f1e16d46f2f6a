import { decodeUtf8, type ErrorFacts, toOneLine } from '@holdfast/kernel';
import type { Static, TSchema } from 'typebox';
import { limits } from '../limits.ts';
import { MessageError, parseJson, parseMessage } from '../messages/parse-message.ts';
import { type McpProblemCode, ProblemSchema } from '../messages/problem.ts';
import { McpProblem, readRetryAfterMs } from './client.errors.ts';
import { type HttpsAnswer, invalidAnswer } from './https-exchange.ts';

/**
 * The message of a successful answer.
 *
 * @throws McpProblem when the server refused; McpClientError `SERVER_ANSWER_INVALID` when it is neither
 */
export function readMessage<Schema extends TSchema>(answer: HttpsAnswer, schema: Schema): Static<Schema> {
  requireSuccess(answer);
  if (answer.mediaType !== 'application/json') throw invalidAnswer('The answer is not JSON.');
  return parseBody(answer.body, schema);
}

/**
 * @throws McpProblem when the server refused; McpClientError `SERVER_ANSWER_INVALID` when the answer is neither success nor
 *   problem
 */
export function requireSuccess(answer: HttpsAnswer): void {
  if (answer.status >= 200 && answer.status < 300) return;
  if (answer.mediaType !== 'application/problem+json') {
    throw invalidAnswer(`The answer has status ${answer.status} and is not a problem of this protocol.`);
  }
  const problem = parseBody(answer.body, ProblemSchema);
  const facts = toOneLineFacts(problem.facts ?? {});
  const retryAfterMs = readRetryAfterMs(facts) ?? parseRetryAfter(answer.retryAfter);
  // Whoever answers is not trusted with a line of its own in a log or on a screen.
  throw new McpProblem(toOneLine(problem.detail ?? problem.title ?? problem.code), {
    code: problem.code,
    status: answer.status,
    facts,
    retry: isRepeatable(answer.status, problem.code) ? 'safe' : 'never',
    ...(problem.remedy === undefined ? {} : { remedy: toOneLine(problem.remedy) }),
    ...(problem.requestId === undefined ? {} : { requestId: toOneLine(problem.requestId) }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function toOneLineFacts(facts: ErrorFacts): ErrorFacts {
  const clean = (value: ErrorFacts[string]): ErrorFacts[string] =>
    typeof value === 'string'
      ? toOneLine(value)
      : Array.isArray(value)
        ? value.map((one) => toOneLine(one))
        : value;
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [toOneLine(name), clean(value)]));
}

/** Refusals that a new challenge, a new handshake or an administrator's click removes. */
const REPEATABLE_CODES: ReadonlySet<string> = new Set([
  'CHALLENGE_INVALID',
  'ACCESS_TOKEN_INVALID',
  'ACCESS_TOKEN_EXPIRED',
  'PRODUCT_UNKNOWN',
  'PRODUCT_DISABLED',
] satisfies McpProblemCode[]);

/** Too many requests, and every fault of the server's own: the same call may succeed later. */
function isRepeatable(status: number, code: string): boolean {
  return status === 429 || status >= 500 || REPEATABLE_CODES.has(code);
}

/** Only the form in seconds; a date would hang on this computer's clock. */
function parseRetryAfter(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) * 1_000 : undefined;
}

function parseBody<Schema extends TSchema>(body: Buffer, schema: Schema): Static<Schema> {
  const text = decodeUtf8(body);
  if (text === undefined) throw invalidAnswer('The answer is not UTF-8.');
  try {
    return parseMessage(schema, parseJson(text, limits.maxAnswerBytes));
  } catch (cause) {
    if (cause instanceof MessageError)
      throw invalidAnswer('The answer does not have the form of the protocol.', cause);
    throw cause;
  }
}
