import { type ApiClient, getDevice } from '@holdfast/api';
import { queryOptions } from '@tanstack/react-query';

/** Presence of one device ages by the second, so an open page asks now and then besides listening. */
const refreshMs = 10_000;

export function deviceQuery(api: ApiClient, deviceId: string) {
  return queryOptions({
    queryKey: ['device', deviceId],
    queryFn: ({ signal }) => api.call(getDevice, { params: { deviceId }, signal }),
    refetchInterval: refreshMs,
  });
}
