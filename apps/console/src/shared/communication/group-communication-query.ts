import { type ApiClient, getGroupCommunication } from '@holdfast/api';
import { queryOptions } from '@tanstack/react-query';

/** Begins as the live event that makes it old. */
export function groupCommunicationKey(groupId: string) {
  return ['groups', 'communication', groupId] as const;
}

export function groupCommunicationQuery(api: ApiClient, groupId: string) {
  return queryOptions({
    queryKey: groupCommunicationKey(groupId),
    queryFn: ({ signal }) => api.call(getGroupCommunication, { params: { groupId }, signal }),
  });
}
