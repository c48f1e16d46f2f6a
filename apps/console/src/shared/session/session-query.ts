import { type ApiClient, getCurrentSession } from '@holdfast/api';
import { queryOptions } from '@tanstack/react-query';

export const sessionKey = ['session'] as const;

export function sessionQuery(api: ApiClient) {
  return queryOptions({
    queryKey: sessionKey,
    queryFn: ({ signal }) => api.call(getCurrentSession, { signal }),
    staleTime: 300_000,
    retry: false,
  });
}
