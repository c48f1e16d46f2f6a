import { type ApiClient, getSetup } from '@holdfast/api';
import { queryOptions } from '@tanstack/react-query';

export function setupQuery(api: ApiClient) {
  return queryOptions({
    queryKey: ['setup'],
    queryFn: ({ signal }) => api.call(getSetup, { signal }),
    staleTime: 0,
  });
}
