import { AppError } from '@holdfast/kernel';

/** Codes of failed commands that the agent itself decides; a handler's own codes come on top. */
export const CommandFailure = {
  /** This agent has no handler for the type. */
  typeUnknown: 'COMMAND_TYPE_UNKNOWN',
  /** They are not what its definition asks for. */
  parametersInvalid: 'COMMAND_PARAMETERS_INVALID',
  /** It had expired before it could begin. */
  expired: 'COMMAND_EXPIRED',
  /** The agent stopped while it ran, and repeating it would not be safe. */
  interrupted: 'COMMAND_INTERRUPTED',
  /** The agent stopped in the middle of it again and again. */
  abandoned: 'COMMAND_ABANDONED',
  /** The server wants a command ended that this agent does not know. */
  unknown: 'COMMAND_UNKNOWN',
  /** A fault of the agent; its log tells more. */
  faulty: 'COMMAND_FAULTY',
} as const;
export type CommandFailure = (typeof CommandFailure)[keyof typeof CommandFailure];

/** Our clock jumped, so it is unknown whether a command has expired until the server tells its time again. */
export class ServerTimeUnknownError extends AppError<'SERVER_TIME_UNKNOWN'> {
  constructor() {
    super(
      'SERVER_TIME_UNKNOWN',
      'The clock of this computer leapt. Commands wait until the server has told its time.',
      { retry: 'safe' },
    );
  }
}

/** Why a command ended early: the server wanted it, or the agent stops. The message says what had been done. */
export type StopCode = 'COMMAND_CANCELLED' | 'AGENT_STOPS';

export class CommandStoppedError extends AppError<StopCode> {}

/** For a handler whose signal has aborted and that says how far it had come: what it throws. */
export function stopped(signal: AbortSignal, whatWasDone: string): CommandStoppedError {
  const { reason } = signal as { readonly reason: unknown };
  const code = reason instanceof CommandStoppedError ? reason.code : 'AGENT_STOPS';
  return new CommandStoppedError(code, whatWasDone, { cause: reason });
}

/** Whether it is the server that wants the command ended, and not the agent that stops. */
export function isCancelled(signal: AbortSignal): boolean {
  const { reason } = signal as { readonly reason: unknown };
  return reason instanceof CommandStoppedError && reason.code === 'COMMAND_CANCELLED';
}

/** Whether a handler ended because of its signal, and not because something else went wrong meanwhile. */
export function isStop(error: unknown, { aborted }: AbortSignal): error is Error {
  return (
    aborted &&
    (error instanceof CommandStoppedError || (error instanceof Error && error.name === 'AbortError'))
  );
}
