import type { Clock } from '@holdfast/kernel';

/** Counts what a source brings while it is waited for, across all connections that one file takes. */
export interface ProgressWatch {
  /**
   * Waits for what `work` brings.
   *
   * @param onLate called when the window is over without progress; `work` is to end by it
   */
  during<Value>(work: () => Promise<Value>, onLate: () => void): Promise<Value>;
  /** Bytes that came. */
  came(bytes: number): void;
}

/** Invariant: a source that brings fewer than `minWindowBytes` in `windowMs` of waiting is late, however it spreads them. */
export function createProgressWatch({
  windowMs,
  minWindowBytes,
  clock,
}: {
  readonly windowMs: number;
  readonly minWindowBytes: number;
  readonly clock: Pick<Clock, 'monotonic'>;
}): ProgressWatch {
  let waitedMs = 0;
  let bytesInWindow = 0;

  return {
    async during(work, onLate) {
      const begunAt = clock.monotonic();
      const late = setTimeout(onLate, Math.max(0, windowMs - waitedMs));
      try {
        return await work();
      } finally {
        clearTimeout(late);
        waitedMs += clock.monotonic() - begunAt;
      }
    },
    came(bytes) {
      bytesInWindow += bytes;
      if (bytesInWindow < minWindowBytes) return;
      bytesInWindow = 0;
      waitedMs = 0;
    },
  };
}
