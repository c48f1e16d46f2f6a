import { AppError } from '@holdfast/kernel';

export const commandErrorStatus = {
  COMMAND_NOT_FOUND: 404,
  COMMAND_TYPE_UNKNOWN: 422,
  COMMAND_PARAMETERS_INVALID: 422,
  COMMAND_WITHOUT_TARGETS: 422,
  COMMAND_NOTHING_TO_REPEAT: 422,
  COMMAND_PLANS_TOO_MANY: 429,
} as const;

export type CommandErrorCode = keyof typeof commandErrorStatus;

/** Why a command was not planned, issued, shown, cancelled or tried again. */
export class CommandError extends AppError<CommandErrorCode> {}

export function createNoTargetsError(): CommandError {
  return new CommandError('COMMAND_WITHOUT_TARGETS', 'No device matches, so there is nobody to obey.', {
    remedy: 'Change the filter or choose devices.',
  });
}

export function createNothingToRepeatError(): CommandError {
  return new CommandError(
    'COMMAND_NOTHING_TO_REPEAT',
    'The command failed, expired or was cancelled on no device that is still there.',
    { remedy: 'Issue a new command for the devices that you mean.' },
  );
}
