import { type ApiClient, listEventSubscribers } from '@holdfast/api';
import { queryOptions } from '@tanstack/react-query';

const refreshMs = 5_000;

export function subscribersQuery(api: ApiClient) {
  return queryOptions({
    queryKey: ['event-subscribers'],
    queryFn: async ({ signal }) => (await api.call(listEventSubscribers, { signal })).subscribers,
    refetchInterval: refreshMs,
  });
}
