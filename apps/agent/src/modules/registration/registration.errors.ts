import { AppError } from '@holdfast/kernel';

export type RegistrationErrorCode =
  | 'NOT_ENROLLED'
  | 'ENROLLED_ELSEWHERE'
  | 'APPROVAL_AWAITED'
  | 'ENROLMENT_CANCELLED'
  | 'KEY_MISSING';

/** Enrolment did not come to its end, or what it left is not complete. */
export class RegistrationError extends AppError<RegistrationErrorCode> {}

export function createNotEnrolledError(): RegistrationError {
  return new RegistrationError('NOT_ENROLLED', 'This computer does not belong to a server yet.', {
    remedy: 'Create an enrolment token in the console and run `holdfast agent enroll` with it.',
  });
}
