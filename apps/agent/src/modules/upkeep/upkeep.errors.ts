import { AppError, type AppErrorOptions } from '@holdfast/kernel';

/** Nothing would start the agent again. */
type UpkeepErrorCode = 'AGENT_NOT_SUPERVISED';

/** A command about the agent itself that it does not obey. */
export class UpkeepError extends AppError<UpkeepErrorCode> {
  readonly code: UpkeepErrorCode;

  constructor(code: UpkeepErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}
