import { AppError } from '@holdfast/kernel';
import type { Problem } from '@holdfast/api';
import { findErrorStatus } from './error-status.ts';
import { HttpError } from './http.errors.ts';

/** What the caller is told, and whether the whole error belongs into the log. */
export interface ProblemAnswer {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
  /** True for bugs and for what only the people who run the server can mend. */
  readonly isForLog: boolean;
}

/** What it says is about the server itself and safe to tell; every other 5xx text stays in the log. */
const UNAVAILABLE = 503;
const DEFAULT_RETRY_AFTER_MS = 2_000;

/** Turns anything that was thrown into problem details (RFC 9457). An unknown error says nothing about itself. */
export function toProblem(error: unknown, requestId: string): ProblemAnswer {
  const known = error instanceof AppError ? error : fromFramework(error);
  if (known === undefined) return internalProblem(requestId);
  const status = findErrorStatus(known.code);
  if (status === undefined || (status >= 500 && status !== UNAVAILABLE)) return internalProblem(requestId);
  const fields = known instanceof HttpError ? known.fields : [];
  const problem: Problem = {
    type: `urn:holdfast:problem:${known.code.toLowerCase().replaceAll('_', '-')}`,
    title: titleOf(status),
    status,
    code: known.code,
    detail: known.message,
    ...(known.remedy === undefined ? {} : { remedy: known.remedy }),
    requestId,
    retry: known.retry,
    ...(Object.keys(known.facts).length === 0 ? {} : { facts: { ...known.facts } }),
    ...(fields.length === 0 ? {} : { fields: fields.map((field) => ({ ...field })) }),
  };
  return { problem, headers: headersOf(known, status), isForLog: status >= 500 };
}

function internalProblem(requestId: string): ProblemAnswer {
  return {
    problem: {
      type: 'urn:holdfast:problem:internal-error',
      title: titleOf(500),
      status: 500,
      code: 'INTERNAL_ERROR',
      detail: 'The server could not complete the request because of an error of its own.',
      remedy: `Look for the request id ${requestId} in the log of the server.`,
      requestId,
      retry: 'outcome-unknown',
    },
    headers: {},
    isForLog: true,
  };
}

function headersOf(error: AppError, status: number): Record<string, string> {
  const headers: Record<string, string> = {};
  const retryAfterMs =
    error instanceof HttpError && error.retryAfterMs !== undefined
      ? error.retryAfterMs
      : (factOf(error, 'retryAfterMs') ?? (status === UNAVAILABLE ? DEFAULT_RETRY_AFTER_MS : undefined));
  if (retryAfterMs !== undefined)
    headers['retry-after'] = String(Math.max(1, Math.ceil(retryAfterMs / 1000)));
  if (error instanceof HttpError && error.allowedMethods !== undefined) {
    headers['allow'] = error.allowedMethods.join(', ');
  }
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="holdfast"';
  return headers;
}

function factOf(error: AppError, name: string): number | undefined {
  const value = error.facts[name];
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

// The framework's own refusals, by its stable codes. Everything else of it is a bug of ours.
function fromFramework(error: unknown): HttpError | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new HttpError('BODY_TOO_LARGE', 'The body of the request is larger than this call takes.');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new HttpError(
        'CONTENT_TYPE_UNSUPPORTED',
        'This call does not take a body of this content type.',
        {
          remedy: 'Send JSON with the header "Content-Type: application/json".',
        },
      );
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new HttpError('REQUEST_MALFORMED', 'The body is not as long as the header Content-Length says.');
    case 'FST_ERR_BAD_URL':
      return new HttpError('REQUEST_MALFORMED', 'The address of the request is not valid.');
    default:
      if (!code.startsWith('FST_') || status < 400 || status >= 500) return undefined;
      return new HttpError('REQUEST_MALFORMED', 'The request is not well formed.');
  }
}

const titles: Readonly<Record<number, string>> = {
  400: 'The request is not valid',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'The request took too long',
  409: 'Conflict with the present state',
  410: 'No longer there',
  413: 'The request is too large',
  415: 'Content type not supported',
  422: 'The request cannot be carried out',
  429: 'Too many requests',
  431: 'The request is too large',
  500: 'Error of the server',
  503: 'Not available at the moment',
};

function titleOf(status: number): string {
  return titles[status] ?? (status < 500 ? 'The request was refused' : 'Error of the server');
}
