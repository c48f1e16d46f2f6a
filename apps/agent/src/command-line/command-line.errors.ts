import { AppError } from '@holdfast/kernel';

export const ExitCode = {
  done: 0,
  /** Refused or failed. */
  failed: 1,
  usage: 2,
  verificationFailed: 3,
  serverNotReachable: 4,
  /** There is nothing to run with: a service that is started again and again would not change that. */
  notEnrolled: 78,
  /** The agent ended to be started again, as a command asked; `holdfast up` and the service do so. */
  restartWanted: 75,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** The command line itself is wrong. */
export class UsageError extends AppError<'USAGE'> {
  constructor(message: string) {
    super('USAGE', message, { remedy: 'Run `holdfast agent --help` for the commands and their options.' });
  }
}

const exitCodes: Readonly<Record<string, ExitCode>> = {
  USAGE: ExitCode.usage,
  CONFIG_INVALID: ExitCode.usage,
  SERVER_FINGERPRINT_MISMATCH: ExitCode.verificationFailed,
  SERVER_CERTIFICATE_INVALID: ExitCode.verificationFailed,
  SERVER_UNREACHABLE: ExitCode.serverNotReachable,
  SERVER_ANSWER_INVALID: ExitCode.serverNotReachable,
};

export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof AppError ? (exitCodes[error.code] ?? ExitCode.failed) : ExitCode.failed;
}
