const FIRST_MS = 1_000;
const LONGEST_MS = 300_000;
const JITTER = 0.2;

/**
 * How long to wait after so many failures in a row: 1 s, doubled each time up to 5 minutes, and up to a fifth more or
 * less, so that those that failed together do not try again together.
 *
 * @param random 0 to 1
 */
export function retryDelayMs(attempts: number, random: number): number {
  const wholeMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempts - 1, 30));
  return Math.round(wholeMs * (1 + JITTER * (2 * random - 1)));
}
