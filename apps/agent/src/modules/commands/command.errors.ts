import { AppError } from '@holdfast/kernel';

/** Codes of failed commands that the agent itself decides; a handler's own codes come on top. */
export const CommandFailure = {
  /** This agent has no handler for the type. */
  typeUnknown: 'COMMAND_TYPE_UNKNOWN',
  /** It had expired before it could begin. */
  expired: 'COMMAND_EXPIRED',
  /** The agent stopped in the middle of it, and repeating it would not be safe. */
  interrupted: 'COMMAND_INTERRUPTED',
  /** The agent stopped in the middle of it again and again. */
  abandoned: 'COMMAND_ABANDONED',
  /** A fault of the agent; its log tells more. */
  faulty: 'COMMAND_FAULTY',
} as const;
export type CommandFailure = (typeof CommandFailure)[keyof typeof CommandFailure];

/** Our clock leapt, so nobody knows whether a command has expired until the server tells its time again. */
export class ServerTimeUnknownError extends AppError<'SERVER_TIME_UNKNOWN'> {
  readonly code = 'SERVER_TIME_UNKNOWN';

  constructor() {
    super('The clock of this computer leapt. Commands wait until the server has told its time.', {
      retry: 'safe',
    });
  }
}
