import { type ApiClient, listAdministrators, listApiKeys, listSessions } from '@holdfast/api';
import { queryOptions } from '@tanstack/react-query';

export const administratorsKey = ['administrators'] as const;
export const apiKeysKey = ['api-keys'] as const;
export const sessionsKey = 'sessions';

export function administratorsQuery(api: ApiClient) {
  return queryOptions({
    queryKey: administratorsKey,
    queryFn: async ({ signal }) => (await api.call(listAdministrators, { signal })).administrators,
  });
}

export function apiKeysQuery(api: ApiClient) {
  return queryOptions({
    queryKey: apiKeysKey,
    queryFn: async ({ signal }) => (await api.call(listApiKeys, { signal })).apiKeys,
  });
}

export function sessionsQuery(api: ApiClient, isEveryone: boolean) {
  return queryOptions({
    queryKey: [sessionsKey, isEveryone],
    queryFn: async ({ signal }) =>
      (await api.call(listSessions, { query: isEveryone ? { everyone: true } : {}, signal })).sessions,
  });
}
