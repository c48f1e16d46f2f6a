import { type ApiClient, getSystemState } from '@holdfast/api';
import { queryOptions } from '@tanstack/react-query';

const refreshMs = 10_000;

export function systemQuery(api: ApiClient) {
  return queryOptions({
    queryKey: ['system'],
    queryFn: ({ signal }) => api.call(getSystemState, { signal }),
    refetchInterval: refreshMs,
  });
}
