import { type ApiClient, listAuditEntries, listCommands } from '@holdfast/api';
import { queryOptions } from '@tanstack/react-query';
import { countRecent } from './recent.ts';

export const recentFailuresKey = 'recent-failures';
/** Newest first, so a page of them says how many there were in a day unless there were more than anybody counts. */
const maxCounted = 200;
const refreshMs = 60_000;

/** Orders of the last day that failed somewhere. */
export function recentFailuresQuery(api: ApiClient, now: () => number) {
  return queryOptions({
    queryKey: [recentFailuresKey],
    queryFn: async ({ signal }) => {
      const { commands, nextCursor } = await api.call(listCommands, {
        query: { progress: 'with-failures', limit: maxCounted },
        signal,
      });
      const count = countRecent(commands, now());
      return { count, isMore: nextCursor !== null && count === commands.length };
    },
    refetchInterval: refreshMs,
  });
}

/** When the server was last saved, as the audit log knows it; null when it knows of no backup. */
export function lastBackupQuery(api: ApiClient) {
  return queryOptions({
    queryKey: ['last-backup'],
    queryFn: async ({ signal }) => {
      const { entries } = await api.call(listAuditEntries, {
        query: { action: 'backup.created', limit: 1 },
        signal,
      });
      return { at: entries[0]?.occurredAt ?? null };
    },
    refetchInterval: refreshMs,
  });
}
