import { type ApiClient, getServerAddresses, getSettings } from '@holdfast/api';
import { queryOptions } from '@tanstack/react-query';

/** Named as the live event that makes it old. */
export const settingsKey = ['settings'] as const;

export const serverAddressesKey = [...settingsKey, 'addresses'] as const;

export function serverAddressesQuery(api: ApiClient) {
  return queryOptions({
    queryKey: serverAddressesKey,
    queryFn: ({ signal }) => api.call(getServerAddresses, { signal }),
  });
}

export function settingsQuery(api: ApiClient) {
  return queryOptions({
    queryKey: settingsKey,
    queryFn: ({ signal }) => api.call(getSettings, { signal }),
  });
}
