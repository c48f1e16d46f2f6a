import { AppError } from '@holdfast/kernel';

export const communicationErrorStatus = {
  COMMUNICATION_TIMEOUT_TOO_SHORT: 422,
  COMMUNICATION_CHANGED: 409,
  COMMUNICATION_PROFILES_EXHAUSTED: 409,
  TIME_ZONE_UNKNOWN: 422,
} as const;

export type CommunicationErrorCode = keyof typeof communicationErrorStatus;

/** Why the communication of a group was not changed. */
export class CommunicationError extends AppError<CommunicationErrorCode> {}
