import type { Clock } from '@holdfast/kernel';

/** A clock that stands still until it is told to move. */
export interface TestClock extends Clock {
  /** Both clocks go forward. */
  advance(ms: number): void;
  /** Only wall time jumps, as when somebody sets the clock. */
  jump(ms: number): void;
}

export function createTestClock(startMs = Date.parse('2026-11-22T08:00:00.000Z')): TestClock {
  let wallMs = startMs;
  let monotonicMs = 1_000;
  return {
    now: () => wallMs,
    monotonic: () => monotonicMs,
    advance(ms) {
      wallMs += ms;
      monotonicMs += ms;
    },
    jump(ms) {
      wallMs += ms;
    },
  };
}
