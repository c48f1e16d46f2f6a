import { AppError, type AppErrorOptions } from '@holdfast/kernel';
import { mcpProblemStatus } from '@holdfast/protocol';

export type LogErrorCode = 'LOG_JOURNALS_FULL';

/** Why entries were not taken. */
export class LogError extends AppError<LogErrorCode> {
  readonly code: LogErrorCode;

  constructor(code: LogErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}

export const logErrorStatus: Record<LogErrorCode, number> = {
  LOG_JOURNALS_FULL: mcpProblemStatus.LOG_JOURNALS_FULL,
};

/** What messages of products are refused with; the errors come from the package that defines the protocol. */
export const logMessageStatus: Readonly<Record<string, number>> = {
  MESSAGE_TOO_LARGE: mcpProblemStatus.MESSAGE_TOO_LARGE,
  MESSAGE_TOO_DEEP: mcpProblemStatus.MESSAGE_TOO_DEEP,
  MESSAGE_MALFORMED: mcpProblemStatus.MESSAGE_MALFORMED,
};
