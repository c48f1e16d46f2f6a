import { type ApiClient, listCommandIssuers } from '@holdfast/api';
import { queryOptions } from '@tanstack/react-query';

export function commandIssuersQuery(api: ApiClient) {
  return queryOptions({
    queryKey: ['command-issuers'],
    queryFn: async ({ signal }) => (await api.call(listCommandIssuers, { signal })).names,
    staleTime: 60_000,
  });
}
