import { AppError } from '@holdfast/kernel';

export type TrustErrorCode =
  | 'PRODUCT_KEY_UNREADABLE'
  | 'ASSERTION_INVALID'
  | 'CHALLENGE_INVALID'
  | 'ACCESS_TOKEN_INVALID'
  | 'ACCESS_TOKEN_EXPIRED'
  | 'RECEIPT_INVALID'
  | 'SEALED_SECRET_UNREADABLE'
  | 'PASSWORD_WRONG'
  | 'PASSWORD_TOO_LONG'
  | 'PASSWORD_HASH_UNREADABLE';

/**
 * A proof that fails. The message never says more than its code allows a stranger to know; `facts.reason`, where there
 * is one, names the failed check by a fixed word and is meant for the log.
 */
export class TrustError extends AppError<TrustErrorCode> {}
