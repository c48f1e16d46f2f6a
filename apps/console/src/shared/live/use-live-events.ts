import type { LiveEvent } from '@holdfast/api';
import { useEffect, useEffectEvent, useSyncExternalStore } from 'react';
import { useServices } from '../api/services.ts';
import type { LiveState } from './live-connection.ts';

export function useLiveEvents(onEvents: (events: readonly LiveEvent[]) => void): void {
  const { live } = useServices();
  const handle = useEffectEvent(onEvents);
  useEffect(() => live.subscribe((events) => handle(events)), [live]);
}

export function useLiveState(): LiveState {
  const { live } = useServices();
  return useSyncExternalStore(live.subscribeState, live.state);
}
