import { AppError, type AppErrorOptions } from '@holdfast/kernel';

export type DatagramsErrorCode =
  | 'UDP_PORT_IN_USE'
  | 'UDP_ADDRESS_UNAVAILABLE'
  | 'UDP_RECEIVERS_UNSUPPORTED'
  | 'HEARTBEAT_INVALID'
  | 'HEARTBEAT_REPLAYED';

export class DatagramsError extends AppError<DatagramsErrorCode> {
  readonly code: DatagramsErrorCode;

  constructor(code: DatagramsErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}

export const datagramsErrorStatus: Record<DatagramsErrorCode, number> = {
  UDP_PORT_IN_USE: 500,
  UDP_ADDRESS_UNAVAILABLE: 500,
  UDP_RECEIVERS_UNSUPPORTED: 500,
  HEARTBEAT_INVALID: 400,
  HEARTBEAT_REPLAYED: 409,
};
