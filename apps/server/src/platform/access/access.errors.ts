import { AppError, type AppErrorOptions } from '@holdfast/kernel';

export type AccessErrorCode =
  | 'NOT_SIGNED_IN'
  | 'SESSION_EXPIRED'
  | 'PERMISSION_DENIED'
  | 'NOT_FOUND'
  | 'CSRF_TOKEN_INVALID'
  | 'ACCESS_TOKEN_INVALID'
  | 'ACCESS_TOKEN_EXPIRED';

/** A caller is unknown, or may not do this. Says no more than the caller may know. */
export class AccessError extends AppError<AccessErrorCode> {
  readonly code: AccessErrorCode;
  constructor(code: AccessErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}

export const accessErrorStatus: Record<AccessErrorCode, number> = {
  NOT_SIGNED_IN: 401,
  SESSION_EXPIRED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  CSRF_TOKEN_INVALID: 403,
  ACCESS_TOKEN_INVALID: 401,
  ACCESS_TOKEN_EXPIRED: 401,
};
