import { AppError } from '@holdfast/kernel';

export const presenceErrorStatus = {
  UDP_PORT_IN_USE: 500,
  UDP_ADDRESS_UNAVAILABLE: 500,
  UDP_RECEIVERS_UNSUPPORTED: 500,
  HEARTBEAT_INVALID: 400,
  HEARTBEAT_REPLAYED: 409,
} as const;

export type PresenceErrorCode = keyof typeof presenceErrorStatus;

export class PresenceError extends AppError<PresenceErrorCode> {}
