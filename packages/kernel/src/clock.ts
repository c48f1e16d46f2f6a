/**
 * The two clocks of a process. `now` is wall time and may jump; `monotonic` never goes back and is the
 * only one that measures durations. Both are injected, so that tests own time.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Milliseconds since an arbitrary start; never decreases. */
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};
