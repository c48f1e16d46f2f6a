import { AppError, type AppErrorOptions } from '@holdfast/kernel';

export type KeysErrorCode =
  | 'CLOCK_IMPLAUSIBLE'
  | 'AUTHORITY_ENDED'
  | 'AUTHORITY_NOT_YET_VALID'
  | 'AUTHORITY_SUPPLIED'
  | 'AUTHORITY_NEXT_MISSING';

/** HTTP status of each code, for the routes' edge. */
export const keysErrorStatus: Record<KeysErrorCode, number> = {
  CLOCK_IMPLAUSIBLE: 503,
  AUTHORITY_ENDED: 503,
  AUTHORITY_NOT_YET_VALID: 503,
  AUTHORITY_SUPPLIED: 409,
  AUTHORITY_NEXT_MISSING: 409,
};

/** Keys or certificates of this server that cannot be used or made now. */
export class KeysError extends AppError<KeysErrorCode> {
  readonly code: KeysErrorCode;

  constructor(code: KeysErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}
