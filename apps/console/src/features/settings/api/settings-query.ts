import { type ApiClient, getSettings } from '@holdfast/api';
import { queryOptions } from '@tanstack/react-query';

/** Named as the live event that makes it old. */
export const settingsKey = ['settings'] as const;

export function settingsQuery(api: ApiClient) {
  return queryOptions({
    queryKey: settingsKey,
    queryFn: ({ signal }) => api.call(getSettings, { signal }),
  });
}
