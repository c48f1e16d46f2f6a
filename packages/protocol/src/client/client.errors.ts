import { AppError, type AppErrorOptions, type ErrorFacts } from '@holdfast/kernel';

export type McpClientErrorCode =
  /** No address could be reached: name unknown, refused, no route, timed out before an answer began. */
  | 'SERVER_UNREACHABLE'
  /** The authority certificate is not the one whose fingerprint the enrolment token carries. */
  | 'SERVER_FINGERPRINT_MISMATCH'
  /** The server's certificate is not signed by the pinned authority, is for another name, or out of its time. */
  | 'SERVER_CERTIFICATE_INVALID'
  /** Something answered, but not by this protocol. */
  | 'SERVER_ANSWER_INVALID'
  /** A call that needs a handshake was made without one. */
  | 'HANDSHAKE_MISSING';

/** A call that got no valid answer. `retry` says whether the same call may be made again. */
export class McpClientError extends AppError<McpClientErrorCode> {}

export interface McpProblemOptions extends AppErrorOptions {
  readonly code: string;
  readonly status: number;
  readonly requestId?: string;
  readonly retryAfterMs?: number;
}

/**
 * The server's own refusal. The code is the server's and may be one that this version does not know, so it is an open set:
 * compare with `hasCode`.
 */
export class McpProblem extends AppError {
  readonly status: number;
  readonly requestId: string | undefined;
  /** What the server asked for; `undefined` when it did not. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: McpProblemOptions) {
    super(options.code, message, options);
    this.status = options.status;
    this.requestId = options.requestId;
    this.retryAfterMs = options.retryAfterMs;
  }
}

const HANDSHAKE_CODES: ReadonlySet<string> = new Set([
  'ACCESS_TOKEN_INVALID',
  'ACCESS_TOKEN_EXPIRED',
  'HANDSHAKE_MISSING',
]);

/** True when the remedy is a new handshake, after which the call may be repeated. */
export function isHandshakeNeeded(error: unknown): boolean {
  return error instanceof AppError && HANDSHAKE_CODES.has(error.code);
}

/** `retryAfterMs` out of the facts of a problem, when it is a sane number. */
export function readRetryAfterMs(facts: ErrorFacts): number | undefined {
  const { retryAfterMs } = facts;
  return typeof retryAfterMs === 'number' && retryAfterMs >= 0 && retryAfterMs <= Number.MAX_SAFE_INTEGER
    ? retryAfterMs
    : undefined;
}
