import { type ApiClient, listLogEntries, type LogRecord, type ResponseOf } from '@holdfast/api';
import { type InfiniteData, infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query';
import { periodMs } from '../../../shared/filters/period.ts';
import type { LogsSearch } from '../logs-search.ts';

export type LogPage = ResponseOf<typeof listLogEntries>;
export type LogPages = InfiniteData<LogPage, string | null>;

export const logsKey = 'logs';
const entriesPerPage = 100;
/** A page of the server looks through a bounded number of entries and may hold none; so many are asked for in one go. */
const maxCallsPerPage = 5;
const enoughEntries = 25;

/** @param now wall time of the server in milliseconds, from which a period reaches back */
export function logQuery(api: ApiClient, search: LogsSearch, now: () => number) {
  return infiniteQueryOptions({
    queryKey: [logsKey, search],
    queryFn: async ({ pageParam, signal }): Promise<LogPage> => {
      const { period, group, device, ...rest } = search;
      const query = {
        ...rest,
        ...(group === undefined ? {} : { groupId: group }),
        ...(device === undefined ? {} : { deviceId: device }),
        ...(period === undefined ? {} : { from: new Date(now() - periodMs[period]).toISOString() }),
        limit: entriesPerPage,
      };
      const entries: LogRecord[] = [];
      let cursor = pageParam;
      for (let call = 1; ; call += 1) {
        const page = await api.call(listLogEntries, {
          query: { ...query, ...(cursor === null ? {} : { cursor }) },
          signal,
        });
        entries.push(...page.entries);
        cursor = page.nextCursor;
        if (cursor === null || entries.length >= enoughEntries || call === maxCallsPerPage) {
          return { ...page, entries };
        }
      }
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  });
}
