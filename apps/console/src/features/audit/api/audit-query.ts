import { type ApiClient, listAuditEntries, type QueryOf } from '@holdfast/api';
import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query';
import { type AuditPeriod, periodMs } from '../audit-search.ts';

export interface AuditFilter
  extends Pick<
    QueryOf<typeof listAuditEntries>,
    'search' | 'action' | 'objectId' | 'actorKind' | 'actorName'
  > {
  readonly period?: AuditPeriod;
}

const entriesPerPage = 100;

/** @param now wall time of the server in milliseconds, from which a period reaches back */
export function auditQuery(api: ApiClient, filter: AuditFilter, now: () => number) {
  const { period, ...rest } = filter;
  return infiniteQueryOptions({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam, signal }) =>
      api.call(listAuditEntries, {
        query: {
          ...rest,
          limit: entriesPerPage,
          ...(period === undefined ? {} : { from: new Date(now() - periodMs[period]).toISOString() }),
          ...(pageParam === null ? {} : { cursor: pageParam }),
        },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  });
}
