import {
  type ApiClient,
  getComponent,
  listComponentDownloads,
  listComponents,
  listComponentSources,
  listDeviceComponents,
} from '@holdfast/api';
import { queryOptions } from '@tanstack/react-query';

/** Everything about components: an event of the server makes all of it old. */
export const componentsKey = ['components'] as const;

/** Thousands of devices say how they are, and none of them is an event. */
const refreshMs = 10_000;
/** While something is being downloaded. */
const progressMs = 1_000;

export function componentsQuery(api: ApiClient) {
  return queryOptions({
    queryKey: [...componentsKey, 'list'],
    queryFn: ({ signal }) => api.call(listComponents, { signal }),
    refetchInterval: refreshMs,
  });
}

export function componentQuery(api: ApiClient, componentId: string) {
  return queryOptions({
    queryKey: [...componentsKey, 'one', componentId],
    queryFn: ({ signal }) => api.call(getComponent, { params: { componentId }, signal }),
    refetchInterval: refreshMs,
  });
}

export function deviceComponentsQuery(api: ApiClient, deviceId: string) {
  return queryOptions({
    queryKey: [...componentsKey, 'of-device', deviceId],
    queryFn: async ({ signal }) =>
      (await api.call(listDeviceComponents, { params: { deviceId }, signal })).components,
    refetchInterval: refreshMs,
  });
}

export function componentSourcesQuery(api: ApiClient) {
  return queryOptions({
    queryKey: [...componentsKey, 'sources'],
    queryFn: async ({ signal }) => (await api.call(listComponentSources, { signal })).sources,
    refetchInterval: refreshMs,
  });
}

export function componentDownloadsQuery(api: ApiClient) {
  return queryOptions({
    queryKey: [...componentsKey, 'downloads'],
    queryFn: async ({ signal }) => (await api.call(listComponentDownloads, { signal })).downloads,
    refetchInterval: ({ state: { data } }) =>
      data?.some(({ endedAt }) => endedAt === null) === true ? progressMs : refreshMs,
  });
}
