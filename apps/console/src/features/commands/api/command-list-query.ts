import { type ApiClient, listCommands } from '@holdfast/api';
import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query';
import type { CommandsSearch } from '../commands-search.ts';

export interface CommandFilter extends CommandsSearch {
  readonly deviceId?: string;
}

export const commandsKey = 'commands';
const commandsPerPage = 50;

export function commandListQuery(api: ApiClient, filter: CommandFilter) {
  return infiniteQueryOptions({
    queryKey: [commandsKey, filter],
    queryFn: ({ pageParam, signal }) =>
      api.call(listCommands, {
        query: { ...filter, limit: commandsPerPage, ...(pageParam === null ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  });
}
