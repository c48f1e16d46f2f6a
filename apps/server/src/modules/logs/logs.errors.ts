import { AppError } from '@holdfast/kernel';
import { mcpProblemStatus } from '@holdfast/protocol';

export const logErrorStatus = {
  LOG_JOURNALS_FULL: mcpProblemStatus.LOG_JOURNALS_FULL,
} as const;

export type LogErrorCode = keyof typeof logErrorStatus;

/** Why entries were not taken. */
export class LogError extends AppError<LogErrorCode> {}

/** What messages of products are refused with; the errors come from the package that defines the protocol. */
export const logMessageStatus: Readonly<Record<string, number>> = {
  MESSAGE_TOO_LARGE: mcpProblemStatus.MESSAGE_TOO_LARGE,
  MESSAGE_TOO_DEEP: mcpProblemStatus.MESSAGE_TOO_DEEP,
  MESSAGE_MALFORMED: mcpProblemStatus.MESSAGE_MALFORMED,
};
