import type { Clock } from '@holdfast/kernel';

/**
 * One beat a second for everything that tells time. Speaks the server's time, so that "seen 12 s ago" is right
 * on a computer whose clock is wrong.
 */
export interface Ticker {
  /** The server's wall time, as far as known, of the last beat. */
  readonly now: () => number;
  readonly subscribe: (listener: () => void) => () => void;
  readonly setServerTime: (serverTimeMs: number) => void;
}

const beatMs = 1_000;
/** Differences below this come from the network, not from the clock. */
const toleratedSkewMs = 2_000;

export function createTicker(clock: Clock): Ticker {
  const listeners = new Set<() => void>();
  let offsetMs = 0;
  let nowMs = clock.now();
  let timer: ReturnType<typeof setInterval> | undefined;
  const beat = (): void => {
    nowMs = clock.now() + offsetMs;
    for (const listener of listeners) listener();
  };
  return {
    now: () => {
      if (timer === undefined) nowMs = clock.now() + offsetMs;
      return nowMs;
    },
    subscribe: (listener) => {
      listeners.add(listener);
      if (timer === undefined) {
        nowMs = clock.now() + offsetMs;
        timer = setInterval(beat, beatMs);
      }
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0 && timer !== undefined) {
          clearInterval(timer);
          timer = undefined;
        }
      };
    },
    setServerTime: (serverTimeMs) => {
      const skewMs = serverTimeMs - clock.now();
      offsetMs = Math.abs(skewMs) < toleratedSkewMs ? 0 : skewMs;
      beat();
    },
  };
}
