/** How long to wait after a failure: twice as long each time, from the first wait to the longest. */
export interface BackOff {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** A fifth more or less, so that those that failed together do not try again together. */
const JITTER = 0.2;

/**
 * @param failures in a row, 1 for the first
 * @param random 0 to 1
 */
export function backOffMs({ firstMs, longestMs }: BackOff, failures: number, random: number): number {
  const wholeMs = Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 40));
  return Math.round(wholeMs * (1 + JITTER * (2 * random - 1)));
}

/** No wait is longer. */
export function longestWaitMs({ longestMs }: BackOff): number {
  return Math.round(longestMs * (1 + JITTER));
}
