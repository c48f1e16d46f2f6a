import { AppError } from '@holdfast/kernel';

export const datagramsErrorStatus = {
  UDP_PORT_IN_USE: 500,
  UDP_ADDRESS_UNAVAILABLE: 500,
  UDP_RECEIVERS_UNSUPPORTED: 500,
  HEARTBEAT_INVALID: 400,
  HEARTBEAT_REPLAYED: 409,
} as const;

export type DatagramsErrorCode = keyof typeof datagramsErrorStatus;

export class DatagramsError extends AppError<DatagramsErrorCode> {}
