import { type ApiClient, getCommand } from '@holdfast/api';
import { queryOptions } from '@tanstack/react-query';

export function commandQuery(api: ApiClient, commandId: string) {
  return queryOptions({
    queryKey: ['command', commandId],
    queryFn: ({ signal }) => api.call(getCommand, { params: { commandId }, signal }),
  });
}
