import { type ApiClient, listWaitingRegistrations } from '@holdfast/api';
import { queryOptions } from '@tanstack/react-query';

export const waitingKey = ['waiting-registrations'] as const;

export function waitingQuery(api: ApiClient) {
  return queryOptions({
    queryKey: waitingKey,
    queryFn: async ({ signal }) => (await api.call(listWaitingRegistrations, { signal })).registrations,
    staleTime: 30_000,
  });
}
