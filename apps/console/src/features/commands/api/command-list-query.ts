import { type ApiClient, listCommands } from '@holdfast/api';
import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query';
import { periodMs } from '../../../shared/filters/period.ts';
import type { CommandsSearch } from '../commands-search.ts';

export interface CommandFilter extends CommandsSearch {
  readonly deviceId?: string;
}

export const commandsKey = 'commands';
const commandsPerPage = 50;

/** @param now wall time of the server in milliseconds, from which a period reaches back */
export function commandListQuery(api: ApiClient, filter: CommandFilter, now: () => number) {
  const { period, by, ...rest } = filter;
  return infiniteQueryOptions({
    queryKey: [commandsKey, filter],
    queryFn: ({ pageParam, signal }) =>
      api.call(listCommands, {
        query: {
          ...rest,
          ...(by === undefined ? {} : { issuedBy: by }),
          ...(period === undefined ? {} : { from: new Date(now() - periodMs[period]).toISOString() }),
          limit: commandsPerPage,
          ...(pageParam === null ? {} : { cursor: pageParam }),
        },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  });
}
