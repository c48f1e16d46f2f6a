import { type ApiClient, listEveryAdministrator, listApiKeys, listRoles, listSessions } from '@holdfast/api';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';

export const administratorsKey = ['administrators'] as const;
export const rolesKey = ['roles'] as const;
export const apiKeysKey = ['api-keys'] as const;
export const sessionsKey = 'sessions';

const keysPerPage = 100;

export function administratorsQuery(api: ApiClient) {
  return queryOptions({
    queryKey: administratorsKey,
    queryFn: async ({ signal }) => await listEveryAdministrator(api, { signal }),
  });
}

export function rolesQuery(api: ApiClient) {
  return queryOptions({
    queryKey: rolesKey,
    queryFn: async ({ signal }) => (await api.call(listRoles, { signal })).roles,
  });
}

export function apiKeysQuery(api: ApiClient) {
  return infiniteQueryOptions({
    queryKey: apiKeysKey,
    queryFn: ({ pageParam, signal }) =>
      api.call(listApiKeys, {
        query: { limit: keysPerPage, ...(pageParam === null ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });
}

export function sessionsQuery(api: ApiClient, isEveryone: boolean) {
  return queryOptions({
    queryKey: [sessionsKey, isEveryone],
    queryFn: async ({ signal }) =>
      (await api.call(listSessions, { query: isEveryone ? { everyone: true } : {}, signal })).sessions,
  });
}
