import { AppError } from '@holdfast/kernel';
import { mcpProblemStatus } from '@holdfast/protocol';

export const registrationErrorStatus = {
  ENROLMENT_TOKEN_INVALID: mcpProblemStatus.ENROLMENT_TOKEN_INVALID,
  ENROLMENT_TOKEN_EXPIRED: mcpProblemStatus.ENROLMENT_TOKEN_EXPIRED,
  ENROLMENT_TOKEN_USED_UP: mcpProblemStatus.ENROLMENT_TOKEN_USED_UP,
  ENROLMENT_TOKEN_REVOKED: mcpProblemStatus.ENROLMENT_TOKEN_REVOKED,
  ENROLMENT_TOKEN_NOT_FOUND: 404,
  REGISTRATION_REFUSED: mcpProblemStatus.REGISTRATION_REFUSED,
  REGISTRATION_NOT_FOUND: 404,
  WAITING_LIST_FULL: 503,
  PRODUCT_UNKNOWN: mcpProblemStatus.PRODUCT_UNKNOWN,
  PRODUCT_KEY_SHARED: mcpProblemStatus.PRODUCT_KEY_SHARED,
  RECEIPT_INVALID: mcpProblemStatus.RECEIPT_INVALID,
  PRODUCT_DISABLED: mcpProblemStatus.PRODUCT_DISABLED,
  CHALLENGE_INVALID: mcpProblemStatus.CHALLENGE_INVALID,
} as const;

export type RegistrationErrorCode = keyof typeof registrationErrorStatus;

export class RegistrationError extends AppError<RegistrationErrorCode> {}

/** What proofs and messages of products are refused with; the errors come from the packages that check them. */
export const proofErrorStatus: Readonly<Record<string, number>> = {
  ASSERTION_INVALID: mcpProblemStatus.ASSERTION_INVALID,
  MESSAGE_TOO_LARGE: 413,
  MESSAGE_NOT_JSON: 400,
  MESSAGE_TOO_DEEP: 400,
  MESSAGE_MALFORMED: 400,
};

export function createProductDisabled(): RegistrationError {
  return new RegistrationError('PRODUCT_DISABLED', 'This product has been disabled by an administrator.', {
    remedy: 'Ask an administrator to enable it in the console.',
  });
}
