import { type ApiClient, listCommandIssuers } from '@holdfast/api';
import { queryOptions } from '@tanstack/react-query';
import { commandsKey } from './command-list-query.ts';

export function commandIssuersQuery(api: ApiClient) {
  return queryOptions({
    // With the lists of commands: whoever issues one may be new among the names.
    queryKey: [commandsKey, 'issuers'],
    queryFn: async ({ signal }) => (await api.call(listCommandIssuers, { signal })).names,
    staleTime: 60_000,
  });
}
