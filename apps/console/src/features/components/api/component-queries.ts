import {
  type ApiClient,
  getComponent,
  getComponentRates,
  getComponentSchedule,
  listComponentDeployments,
  listComponentDownloads,
  listComponentPlans,
  listComponentRollouts,
  listComponents,
  listComponentSources,
  listDeviceComponents,
} from '@holdfast/api';
import { queryOptions } from '@tanstack/react-query';
import { componentKey, componentsKey } from './component-key.ts';

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
    queryKey: componentKey(componentId),
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

export function componentScheduleQuery(api: ApiClient) {
  return queryOptions({
    queryKey: [...componentsKey, 'schedule'],
    queryFn: ({ signal }) => api.call(getComponentSchedule, { signal }),
    refetchInterval: refreshMs,
  });
}

export function componentPlansQuery(api: ApiClient) {
  return queryOptions({
    queryKey: [...componentsKey, 'plans'],
    queryFn: async ({ signal }) => (await api.call(listComponentPlans, { signal })).plans,
    refetchInterval: refreshMs,
  });
}

export function componentDeploymentsQuery(api: ApiClient) {
  return queryOptions({
    queryKey: [...componentsKey, 'deployments'],
    queryFn: async ({ signal }) => (await api.call(listComponentDeployments, { signal })).deployments,
    refetchInterval: refreshMs,
  });
}

export function componentRolloutsQuery(api: ApiClient) {
  return queryOptions({
    queryKey: [...componentsKey, 'rollouts'],
    queryFn: async ({ signal }) => (await api.call(listComponentRollouts, { signal })).rollouts,
    refetchInterval: refreshMs,
  });
}

export function componentRatesQuery(api: ApiClient) {
  return queryOptions({
    queryKey: [...componentsKey, 'rates'],
    queryFn: ({ signal }) => api.call(getComponentRates, { signal }),
    refetchInterval: refreshMs,
  });
}
