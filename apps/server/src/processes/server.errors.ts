import { AppError } from '@holdfast/kernel';

export type ServerErrorCode = 'PORT_IN_USE' | 'PORT_NOT_ALLOWED' | 'HOST_NOT_AVAILABLE' | 'START_CANCELLED';

/** The server cannot start as it was told to. */
export class ServerError extends AppError<ServerErrorCode> {}
