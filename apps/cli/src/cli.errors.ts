import { AppError, type AppErrorOptions, type Failure } from '@holdfast/kernel';

/** What the process says with its exit status; scripts rely on it. */
export const ExitCode = {
  done: 0,
  refused: 1,
  usage: 2,
  verificationFailed: 3,
  serverNotReachable: 4,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

export type CliErrorCode =
  | 'NOT_CONNECTED'
  | 'CONNECTION_FILE_UNREADABLE'
  | 'API_KEY_MISSING'
  | 'SERVER_FINGERPRINT_MISMATCH'
  | 'SERVER_NOT_REACHABLE'
  | 'GROUP_UNKNOWN'
  | 'DEVICE_UNKNOWN'
  | 'ADMINISTRATOR_UNKNOWN'
  | 'ROLE_UNKNOWN'
  | 'GRANT_UNKNOWN'
  | 'TAG_UNKNOWN'
  | 'WEBHOOK_UNKNOWN'
  | 'SOURCE_UNKNOWN'
  | 'PLAN_UNKNOWN'
  | 'ROLLOUT_UNKNOWN'
  | 'ROOT_FINGERPRINT_MISMATCH'
  | 'AGENT_NOT_SERVED'
  | 'DOWNLOAD_DAMAGED'
  | 'NAME_AMBIGUOUS'
  | 'ARGUMENT_INVALID'
  | 'CONFIRMATION_MISSING'
  | 'INPUT_MISSING'
  | 'PROCESS_FAILED'
  | 'COMMAND_NOT_SUCCESSFUL';

const exitCodes: Partial<Record<CliErrorCode, ExitCode>> = {
  ARGUMENT_INVALID: ExitCode.usage,
  INPUT_MISSING: ExitCode.usage,
  DOWNLOAD_DAMAGED: ExitCode.verificationFailed,
  SERVER_FINGERPRINT_MISMATCH: ExitCode.verificationFailed,
  ROOT_FINGERPRINT_MISMATCH: ExitCode.verificationFailed,
  SERVER_NOT_REACHABLE: ExitCode.serverNotReachable,
};

/** The command line cannot go on; the message is for the person who typed it. */
export class CliError extends AppError<CliErrorCode> {
  readonly exitCode: ExitCode;
  constructor(
    code: CliErrorCode,
    message: string,
    options: AppErrorOptions & { readonly exitCode?: ExitCode } = {},
  ) {
    super(code, message, options);
    this.exitCode = options.exitCode ?? exitCodes[code] ?? ExitCode.refused;
  }
}

/** Another program of Holdfast that this one started failed and said why: its code and its words are what counts. */
export class ProgramError extends AppError {
  constructor({ code, message, remedy }: Failure) {
    super(code, message, remedy === undefined ? {} : { remedy });
  }
}
