import { type ApiClient, listRecycleBin } from '@holdfast/api';
import { queryOptions } from '@tanstack/react-query';

export const recycleBinKey = ['recycle-bin'] as const;

export function recycleBinQuery(api: ApiClient) {
  return queryOptions({
    queryKey: recycleBinKey,
    queryFn: async ({ signal }) => (await api.call(listRecycleBin, { signal })).items,
  });
}
