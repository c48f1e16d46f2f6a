import { type ApiClient, getJob, type JobState, listJobSchedules, listJobs } from '@holdfast/api';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';

/** Everything about jobs: an event of the server makes all of it old. */
export const jobsKey = ['jobs'] as const;

export interface JobFilter {
  readonly state?: JobState | undefined;
  readonly kind?: string | undefined;
}

const jobsPerPage = 100;

export function jobListQuery(api: ApiClient, { state, kind }: JobFilter) {
  return infiniteQueryOptions({
    queryKey: [...jobsKey, 'list', state, kind],
    queryFn: ({ pageParam, signal }) =>
      api.call(listJobs, {
        query: {
          limit: jobsPerPage,
          ...(state === undefined ? {} : { state }),
          ...(kind === undefined ? {} : { kind }),
          ...(pageParam === null ? {} : { cursor: pageParam }),
        },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });
}

/** How many were given up, as far as one page tells. */
export function deadJobsQuery(api: ApiClient) {
  return queryOptions({
    queryKey: [...jobsKey, 'dead'],
    queryFn: async ({ signal }) =>
      (await api.call(listJobs, { query: { state: 'dead', limit: jobsPerPage }, signal })).jobs.length,
  });
}

export function jobQuery(api: ApiClient, jobId: string) {
  return queryOptions({
    queryKey: [...jobsKey, 'one', jobId],
    queryFn: ({ signal }) => api.call(getJob, { params: { jobId }, signal }),
  });
}

export function jobSchedulesQuery(api: ApiClient) {
  return queryOptions({
    queryKey: [...jobsKey, 'schedules'],
    queryFn: async ({ signal }) => (await api.call(listJobSchedules, { signal })).schedules,
  });
}
