import { AppError, type AppErrorOptions } from '@holdfast/kernel';

export type CommunicationErrorCode =
  | 'COMMUNICATION_TIMEOUT_TOO_SHORT'
  | 'COMMUNICATION_CHANGED'
  | 'COMMUNICATION_PROFILES_EXHAUSTED'
  | 'TIME_ZONE_UNKNOWN';

/** Why the communication of a group was not changed. */
export class CommunicationError extends AppError<CommunicationErrorCode> {
  readonly code: CommunicationErrorCode;

  constructor(code: CommunicationErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}

export const communicationErrorStatus: Record<CommunicationErrorCode, number> = {
  COMMUNICATION_TIMEOUT_TOO_SHORT: 422,
  COMMUNICATION_CHANGED: 409,
  COMMUNICATION_PROFILES_EXHAUSTED: 409,
  TIME_ZONE_UNKNOWN: 422,
};
