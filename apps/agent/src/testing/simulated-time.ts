import type { Clock } from '@holdfast/kernel';
import type { LoopTimer } from '../platform/timers.ts';

export interface SimulatedTime {
  readonly clock: Clock;
  readonly timer: LoopTimer;
  /** Every wait that was asked for, in order. */
  readonly waitsMs: readonly number[];
}

/** Time that passes only by waiting, and then at once: a day of waits takes as long as what is done in between. */
export function createSimulatedTime(startAtMs: number): SimulatedTime {
  let nowMs = startAtMs;
  let generation = 0;
  const waitsMs: number[] = [];
  return {
    clock: { now: () => nowMs, monotonic: () => nowMs - startAtMs },
    timer: {
      set: (delayMs, callback) => {
        generation++;
        const mine = generation;
        waitsMs.push(delayMs);
        setImmediate(() => {
          if (mine !== generation) return;
          nowMs += delayMs;
          callback();
        });
      },
      clear: () => {
        generation++;
      },
    },
    waitsMs,
  };
}
