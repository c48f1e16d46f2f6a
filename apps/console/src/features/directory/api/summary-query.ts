import { type ApiClient, getDirectorySummary } from '@holdfast/api';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';

export const summaryKey = 'directory-summary';

export function summaryQuery(api: ApiClient, groupId: string | undefined) {
  return queryOptions({
    queryKey: [summaryKey, groupId],
    queryFn: ({ signal }) =>
      api.call(getDirectorySummary, { query: groupId === undefined ? {} : { groupId }, signal }),
    placeholderData: keepPreviousData,
  });
}
