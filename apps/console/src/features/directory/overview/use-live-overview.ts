import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useLiveEvents } from '../../../shared/live/use-live-events.ts';
import { summaryKey } from '../api/summary-query.ts';
import { recentFailuresKey } from './work-queries.ts';

/** Counts are asked for again at most this often, however much happens. */
const pauseMs = 1_500;

/** Keeps the counts of the overview as new as the stream of events. */
export function useLiveOverview(): void {
  const queryClient = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const stale = useRef(new Set<string>());
  useEffect(() => () => clearTimeout(timer.current), []);
  useLiveEvents((events) => {
    for (const { type } of events) {
      if (type === 'presence' || type === 'device' || type === 'waiting-registrations')
        stale.current.add(summaryKey);
      if (type === 'command') stale.current.add(recentFailuresKey);
    }
    if (stale.current.size === 0) return;
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      for (const key of stale.current) void queryClient.invalidateQueries({ queryKey: [key] });
      stale.current.clear();
    }, pauseMs);
  });
}
