import { type ApiClient, listCommands } from '@holdfast/api';
import { queryOptions } from '@tanstack/react-query';
import { commandsKey } from './command-list-query.ts';

/** The commands that try this one again, newest first; the first few will do. */
export function commandRepeatsQuery(api: ApiClient, commandId: string) {
  return queryOptions({
    queryKey: [commandsKey, 'repeats', commandId],
    queryFn: async ({ signal }) =>
      (await api.call(listCommands, { query: { repeatsId: commandId, limit: 5 }, signal })).commands,
  });
}
