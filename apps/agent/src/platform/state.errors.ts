import { AppError, type AppErrorOptions } from '@holdfast/kernel';

export type AgentStateErrorCode =
  | 'STATE_FOLDER_UNUSABLE'
  | 'STATE_FOLDER_UNSAFE'
  | 'STATE_DAMAGED'
  | 'STATE_FROM_NEWER_VERSION'
  | 'STATE_DISK_FULL'
  | 'KEY_DAMAGED'
  | 'AGENT_ALREADY_RUNNING';

/** Something is wrong with what the agent keeps on disk. Nothing of it was changed or deleted. */
export class AgentStateError extends AppError<AgentStateErrorCode> {
  readonly code: AgentStateErrorCode;

  constructor(code: AgentStateErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}
