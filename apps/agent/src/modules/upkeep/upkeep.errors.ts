import { AppError } from '@holdfast/kernel';

/** Nothing would start the agent again. */
type UpkeepErrorCode = 'AGENT_NOT_SUPERVISED';

/** A command about the agent itself that it does not obey. */
export class UpkeepError extends AppError<UpkeepErrorCode> {}
