import { type ApiClient, type DeviceFilter, type DeviceSort, listDevices } from '@holdfast/api';
import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query';

export const devicesPerPage = 100;

export interface DeviceOrder {
  readonly sort: DeviceSort;
  readonly order: 'ascending' | 'descending';
}

export function deviceListKey(filter: DeviceFilter, order: DeviceOrder) {
  return ['devices', filter, order] as const;
}

export function listDevicePage(
  api: ApiClient,
  filter: DeviceFilter,
  order: DeviceOrder,
  cursor: string | null,
  signal?: AbortSignal,
) {
  return api.call(listDevices, {
    query: { ...filter, ...order, limit: devicesPerPage, ...(cursor === null ? {} : { cursor }) },
    ...(signal === undefined ? {} : { signal }),
  });
}

export function deviceListQuery(api: ApiClient, filter: DeviceFilter, order: DeviceOrder) {
  return infiniteQueryOptions({
    queryKey: deviceListKey(filter, order),
    queryFn: ({ pageParam, signal }) => listDevicePage(api, filter, order, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  });
}
