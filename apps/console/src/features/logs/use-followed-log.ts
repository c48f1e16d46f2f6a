import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useServices } from '../../shared/api/services.ts';
import { useLiveEvents } from '../../shared/live/use-live-events.ts';
import { type LogPages, logQuery } from './api/log-query.ts';
import { mayFit } from './log-match.ts';
import type { LogsSearch } from './logs-search.ts';

/** How many new entries wait to be shown; `some` when their number is not known. */
export type NewEntries = 'none' | 'some' | number;

/** The log as far as it is loaded. New entries wait until they are asked for, or come at once while it is followed. */
export function useFollowedLog(search: LogsSearch, isFollowing: boolean) {
  const { api, ticker } = useServices();
  const queryClient = useQueryClient();
  const options = logQuery(api, search, ticker.now);
  const query = useInfiniteQuery(options);
  const [news, setNews] = useState<{ readonly of: string; readonly entries: NewEntries }>();
  const view = JSON.stringify(search);
  const showNew = (): void => {
    setNews(undefined);
    // From the top again: what was loaded further down is asked for when it is scrolled to.
    queryClient.setQueryData<LogPages>(options.queryKey, (pages) =>
      pages === undefined
        ? undefined
        : { pages: pages.pages.slice(0, 1), pageParams: pages.pageParams.slice(0, 1) },
    );
    void queryClient.invalidateQueries({ queryKey: options.queryKey });
  };
  useLiveEvents((events) => {
    const fitting = events.filter((event) => event.type === 'logs').filter((event) => mayFit(event, search));
    if (fitting.length === 0) return;
    if (isFollowing) {
      showNew();
      return;
    }
    // How many of them fit the words, the type and the group, only the server knows.
    const isPlain = Object.keys(search).every((name) => name === 'device' || name === 'period');
    const counts = fitting.map((event) => event.count);
    setNews((before) => {
      const known = before?.of === view ? before.entries : 'none';
      const isCounted = isPlain && known !== 'some' && counts.every((count) => count !== null);
      const added = counts.reduce((sum: number, count) => sum + (count ?? 0), 0);
      return { of: view, entries: isCounted ? (known === 'none' ? 0 : known) + added : 'some' };
    });
  });
  return { query, news: news?.of === view ? news.entries : ('none' as const), showNew };
}
