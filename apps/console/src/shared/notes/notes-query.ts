import { type ApiClient, listNotes } from '@holdfast/api';
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../api/services.ts';
import { useLiveEvents } from '../live/use-live-events.ts';

export function notesKey(deviceId: string) {
  return ['notes', deviceId] as const;
}

function notesQuery(api: ApiClient, deviceId: string) {
  return queryOptions({
    queryKey: notesKey(deviceId),
    queryFn: async ({ signal }) => (await api.call(listNotes, { params: { deviceId }, signal })).notes,
  });
}

/** The notes on a device, newest first, following the server. */
export function useNotes(deviceId: string) {
  const queryClient = useQueryClient();
  useLiveEvents((events) => {
    if (events.some((event) => event.type === 'device' && event.deviceId === deviceId)) {
      void queryClient.invalidateQueries({ queryKey: notesKey(deviceId) });
    }
  });
  return useQuery(notesQuery(useApi(), deviceId));
}
