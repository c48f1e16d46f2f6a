import { AppError, type AppErrorOptions } from '@holdfast/kernel';

export type PresenceErrorCode =
  | 'UDP_PORT_IN_USE'
  | 'UDP_ADDRESS_UNAVAILABLE'
  | 'UDP_RECEIVERS_UNSUPPORTED'
  | 'HEARTBEAT_INVALID'
  | 'HEARTBEAT_REPLAYED';

export class PresenceError extends AppError<PresenceErrorCode> {
  readonly code: PresenceErrorCode;

  constructor(code: PresenceErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}

export const presenceErrorStatus: Record<PresenceErrorCode, number> = {
  UDP_PORT_IN_USE: 500,
  UDP_ADDRESS_UNAVAILABLE: 500,
  UDP_RECEIVERS_UNSUPPORTED: 500,
  HEARTBEAT_INVALID: 400,
  HEARTBEAT_REPLAYED: 409,
};
