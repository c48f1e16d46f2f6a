/** How long a job waits before it is tried again: twice as long each time, from the first to the longest. */
export interface BackOff {
  readonly firstMs: number;
  readonly longestMs: number;
}

export const defaultBackOff: BackOff = { firstMs: 10_000, longestMs: 3_600_000 };

const JITTER = 0.2;

/** @param random 0 to 1; many that failed together do not come back together */
export function backOffMs({ firstMs, longestMs }: BackOff, attempt: number, random: number): number {
  const straightMs = Math.min(longestMs, firstMs * 2 ** Math.min(attempt - 1, 40));
  return Math.round(straightMs * (1 + JITTER * (2 * random - 1)));
}
