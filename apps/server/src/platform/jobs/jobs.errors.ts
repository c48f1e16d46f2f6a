import { AppError } from '@holdfast/kernel';

export const jobErrorStatus = {
  JOB_NOT_FOUND: 404,
  JOB_SCHEDULE_NOT_FOUND: 404,
  JOB_RUNNING: 409,
  JOB_OVER: 409,
  JOB_NOT_STOPPED: 409,
  JOB_NOT_DEAD: 409,
  JOB_ALREADY_WAITING: 409,
  JOB_KIND_UNKNOWN: 409,
  // Those below end runs and reach nobody by HTTP but in the state of a job.
  JOB_PAYLOAD_INVALID: 422,
  JOB_CANCELLED: 409,
  JOB_LEASE_LOST: 409,
  JOB_WORKER_LOST: 500,
  JOB_SERVER_STOPS: 503,
  JOB_INCOMPLETE: 500,
  JOB_END_REFUSED: 500,
} as const;

export type JobErrorCode = keyof typeof jobErrorStatus;

/** Why a job was not run, cancelled or tried again, or why its run ended. */
export class JobError extends AppError<JobErrorCode> {}
