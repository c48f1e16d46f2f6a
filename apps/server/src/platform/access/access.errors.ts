import { AppError } from '@holdfast/kernel';

export const accessErrorStatus = {
  NOT_SIGNED_IN: 401,
  SESSION_EXPIRED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  CSRF_TOKEN_INVALID: 403,
  ACCESS_TOKEN_INVALID: 401,
  ACCESS_TOKEN_EXPIRED: 401,
} as const;

export type AccessErrorCode = keyof typeof accessErrorStatus;

/** A caller is unknown, or may not do this. Says no more than the caller may know. */
export class AccessError extends AppError<AccessErrorCode> {}
