import { type ApiClient, listCommandTypes } from '@holdfast/api';
import { queryOptions } from '@tanstack/react-query';

export function commandTypesQuery(api: ApiClient) {
  return queryOptions({
    queryKey: ['command-types'],
    queryFn: async ({ signal }) => (await api.call(listCommandTypes, { signal })).types,
    staleTime: 600_000,
  });
}
