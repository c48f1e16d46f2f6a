import { type JobState, jobStates } from '@holdfast/api';

/** What the address says about the page of jobs. */
export interface JobsSearch {
  readonly state?: JobState;
  readonly kind?: string;
  /** The job that is open beside the list. */
  readonly job?: string;
}

export function parseJobsSearch(search: Record<string, unknown>): JobsSearch {
  const state = jobStates.find((value) => value === search['state']);
  const { kind, job } = search;
  return {
    ...(state === undefined ? {} : { state }),
    ...(typeof kind === 'string' && /^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(kind) && kind.length <= 100
      ? { kind }
      : {}),
    ...(typeof job === 'string' && /^[0-9a-f-]{36}$/.test(job) ? { job } : {}),
  };
}
