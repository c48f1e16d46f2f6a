import { AppError } from '@holdfast/kernel';

export const keysErrorStatus = {
  CLOCK_IMPLAUSIBLE: 503,
  AUTHORITY_ENDED: 503,
  AUTHORITY_NOT_YET_VALID: 503,
  AUTHORITY_SUPPLIED: 409,
  AUTHORITY_NEXT_MISSING: 409,
} as const;

export type KeysErrorCode = keyof typeof keysErrorStatus;

/** HTTP status of each code, for the routes' edge. */
/** Keys or certificates of this server that cannot be used or made now. */
export class KeysError extends AppError<KeysErrorCode> {}
