import { AppError, type AppErrorOptions } from '@holdfast/kernel';

export const httpErrorStatus = {
  ROUTE_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  REQUEST_INVALID: 400,
  CURSOR_INVALID: 400,
  REQUEST_MALFORMED: 400,
  REQUEST_TIMEOUT: 408,
  REQUEST_HEADERS_TOO_LARGE: 431,
  BODY_INVALID: 400,
  BODY_NOT_EXPECTED: 400,
  BODY_TOO_LARGE: 413,
  CONTENT_TYPE_UNSUPPORTED: 415,
  CROSS_SITE_REFUSED: 403,
  RATE_LIMITED: 429,
  SERVER_BUSY: 503,
  INTERNAL_ERROR: 500,
} as const;

export type HttpErrorCode = keyof typeof httpErrorStatus;

/** One refused field of a request. */
export interface RefusedField {
  /** `body`, `query` or `params`, then the way to the field, e.g. `body.targets.deviceIds.0`. */
  readonly path: string;
  readonly message: string;
}

export interface HttpErrorOptions extends AppErrorOptions {
  readonly fields?: readonly RefusedField[];
  /** Becomes the header `Retry-After`, rounded up to seconds. */
  readonly retryAfterMs?: number;
  /** Becomes the header `Allow`. */
  readonly allowedMethods?: readonly string[];
}

/** A request that never reached its handler, or whose failure may be told to nobody. */
export class HttpError extends AppError<HttpErrorCode> {
  readonly fields: readonly RefusedField[];
  readonly retryAfterMs: number | undefined;
  readonly allowedMethods: readonly string[] | undefined;

  constructor(code: HttpErrorCode, message: string, options: HttpErrorOptions = {}) {
    super(code, message, options);
    this.fields = options.fields ?? [];
    this.retryAfterMs = options.retryAfterMs;
    this.allowedMethods = options.allowedMethods;
  }
}
