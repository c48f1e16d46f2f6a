import { type ApiClient, type CommandState, listCommandTargets } from '@holdfast/api';
import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query';

export const targetsKey = 'command-targets';
const targetsPerPage = 100;

export function commandTargetsQuery(api: ApiClient, commandId: string, state: CommandState | undefined) {
  return infiniteQueryOptions({
    queryKey: [targetsKey, commandId, state],
    queryFn: ({ pageParam, signal }) =>
      api.call(listCommandTargets, {
        params: { commandId },
        query: {
          limit: targetsPerPage,
          ...(state === undefined ? {} : { state }),
          ...(pageParam === null ? {} : { cursor: pageParam }),
        },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  });
}
