import { eventsPath, type LiveEvent } from '@holdfast/api';
import { liveEventTypes, parseLiveEvent } from './live-event.ts';

export interface LiveState {
  readonly status: 'off' | 'connecting' | 'live' | 'reconnecting';
  /** When the stream was last known to be open; null before it ever was. Wall time of this browser. */
  readonly lastLiveAt: number | null;
}

/** The stream of server-sent events, kept open as long as it is wanted. */
export interface LiveConnection {
  readonly state: () => LiveState;
  readonly subscribeState: (listener: () => void) => () => void;
  /** Events arrive in small batches, so that a storm of them costs few renderings. */
  readonly subscribe: (listener: (events: readonly LiveEvent[]) => void) => () => void;
  readonly start: () => void;
  readonly stop: () => void;
  /** Try again now instead of waiting. */
  readonly retry: () => void;
}

export interface LiveConnectionOptions {
  readonly now: () => number;
  readonly random: () => number;
}

const batchMs = 150;
const firstDelayMs = 1_000;
const longestDelayMs = 30_000;

export function createLiveConnection(options: LiveConnectionOptions): LiveConnection {
  const stateListeners = new Set<() => void>();
  const eventListeners = new Set<(events: readonly LiveEvent[]) => void>();
  let state: LiveState = { status: 'off', lastLiveAt: null };
  let source: EventSource | undefined;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let batchTimer: ReturnType<typeof setTimeout> | undefined;
  let batch: LiveEvent[] = [];
  let attempts = 0;

  const setState = (status: LiveState['status']): void => {
    if (state.status === status) return;
    const wasLive = state.status === 'live';
    state = { status, lastLiveAt: wasLive || status === 'live' ? options.now() : state.lastLiveAt };
    for (const listener of stateListeners) listener();
  };

  const flush = (): void => {
    batchTimer = undefined;
    const events = batch;
    batch = [];
    for (const listener of eventListeners) listener(events);
  };

  const receive = (message: MessageEvent<unknown>): void => {
    const event = typeof message.data === 'string' ? parseLiveEvent(message.data) : undefined;
    if (event === undefined) return;
    batch.push(event);
    batchTimer ??= setTimeout(flush, batchMs);
  };

  const close = (): void => {
    source?.close();
    source = undefined;
    clearTimeout(retryTimer);
    retryTimer = undefined;
  };

  const open = (): void => {
    close();
    const opened = new EventSource(eventsPath);
    source = opened;
    setState(state.lastLiveAt === null ? 'connecting' : 'reconnecting');
    opened.onopen = () => {
      attempts = 0;
      setState('live');
    };
    opened.onmessage = receive;
    for (const type of liveEventTypes) opened.addEventListener(type, receive);
    opened.onerror = () => {
      // The browser's own reconnecting gives up on any answer but 200, so this does it instead, with spread.
      close();
      setState(state.lastLiveAt === null ? 'connecting' : 'reconnecting');
      const delayMs = Math.min(longestDelayMs, firstDelayMs * 2 ** attempts) * (0.5 + options.random());
      attempts += 1;
      retryTimer = setTimeout(open, delayMs);
    };
  };

  return {
    state: () => state,
    subscribeState: (listener) => {
      stateListeners.add(listener);
      return () => stateListeners.delete(listener);
    },
    subscribe: (listener) => {
      eventListeners.add(listener);
      return () => eventListeners.delete(listener);
    },
    start: () => {
      if (source === undefined && retryTimer === undefined) open();
    },
    stop: () => {
      close();
      clearTimeout(batchTimer);
      batchTimer = undefined;
      batch = [];
      attempts = 0;
      setState('off');
    },
    retry: () => {
      if (state.status === 'live') return;
      attempts = 0;
      open();
    },
  };
}
