import { type ApiClient, listGroups } from '@holdfast/api';
import { queryOptions } from '@tanstack/react-query';

export const groupsKey = ['groups'] as const;

export function groupsQuery(api: ApiClient) {
  return queryOptions({
    queryKey: groupsKey,
    queryFn: async ({ signal }) => (await api.call(listGroups, { signal })).groups,
    staleTime: 30_000,
  });
}
