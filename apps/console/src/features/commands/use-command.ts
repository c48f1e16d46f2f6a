import type { CommandState, CommandTarget } from '@holdfast/api';
import { type InfiniteData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../../shared/api/services.ts';
import { useLiveEvents } from '../../shared/live/use-live-events.ts';
import { useChangedRows } from '../../shared/table/use-changed-rows.ts';
import { commandQuery } from './api/command-query.ts';
import { commandTargetsQuery } from './api/command-targets-query.ts';

type TargetPages = InfiniteData<{ targets: CommandTarget[]; nextCursor: string | null }, string | null>;

/** One command and its targets, following the server. */
export function useCommand(commandId: string, state: CommandState | undefined) {
  const api = useApi();
  const queryClient = useQueryClient();
  const command = commandQuery(api, commandId);
  const targets = commandTargetsQuery(api, commandId, state);
  const { changedIds, mark } = useChangedRows();
  useLiveEvents((events) => {
    const changed = new Map<string, CommandTarget>();
    // Idle hours begin and end with the status of the device; the reason why a target waits goes with them.
    const statusChanged = new Set(
      events.flatMap((event) => (event.type === 'presence' ? [event.productNumber] : [])),
    );
    for (const event of events) {
      if (event.type === 'command' && event.command.id === commandId) {
        queryClient.setQueryData(command.queryKey, event.command);
      }
      if (event.type === 'command-target' && event.target.commandId === commandId) {
        changed.set(event.target.id, event.target);
      }
    }
    const pagesNow = queryClient.getQueryData<TargetPages>(targets.queryKey)?.pages ?? [];
    const isReasonOld = pagesNow.some((page) =>
      page.targets.some(
        (target) =>
          statusChanged.has(target.productNumber) &&
          (target.waitsFor !== null || target.state === 'queued' || target.state === 'delivered'),
      ),
    );
    if (isReasonOld) void queryClient.invalidateQueries({ queryKey: targets.queryKey });
    if (changed.size === 0) return;
    queryClient.setQueryData<TargetPages>(targets.queryKey, (pages) =>
      pages === undefined
        ? undefined
        : {
            ...pages,
            pages: pages.pages.map((page) => ({
              ...page,
              targets: page.targets.map((target) => renewTarget(target, changed.get(target.id))),
            })),
          },
    );
    // What only got further is not worth a look each time.
    const before = new Map(
      pagesNow.flatMap((page) => page.targets.map((target) => [target.id, target.state])),
    );
    mark([...changed.values()].filter(({ id, state }) => before.get(id) !== state).map(({ id }) => id));
  });
  return { command: useQuery(command), targets: useInfiniteQuery(targets), changedIds };
}

/** Live events do not say what tells a device from others of its name; it stays what it was. */
function renewTarget(known: CommandTarget, changed: CommandTarget | undefined): CommandTarget {
  if (changed === undefined || known.deviceDistinction === undefined) return changed ?? known;
  return { deviceDistinction: known.deviceDistinction, ...changed };
}
