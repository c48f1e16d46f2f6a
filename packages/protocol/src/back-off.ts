export interface BackOffBounds {
  /** Ceiling of the first wait. */
  readonly baseMs: number;
  /** Ceiling that no wait exceeds. */
  readonly maxMs: number;
  /** No wait is shorter, so that a product never spins. */
  readonly minMs: number;
}

/** Between 1 s and 5 minutes: a server that was away for a week is found again within 5 minutes. */
export const defaultBackOff: BackOffBounds = { baseMs: 2_000, maxMs: 300_000, minMs: 1_000 };

/**
 * Wait after the given number of failures in a row: exponential with full jitter (uniform between the minimum and the
 * ceiling), so that the returns of a fleet are spread out instead of coming in waves.
 *
 * @param failures 1 for the first failure
 * @param random uniform in [0, 1)
 * @param atLeastMs what the server asked for, if it did; jitter goes on top
 */
export function planRetryMs(
  failures: number,
  random: number,
  bounds: BackOffBounds = defaultBackOff,
  atLeastMs = 0,
): number {
  // 2^31 is far beyond any ceiling, and the exponent stays finite.
  const doublings = Math.min(31, Math.max(0, failures - 1));
  const ceilingMs = Math.min(bounds.maxMs, bounds.baseMs * 2 ** doublings);
  const waitMs = bounds.minMs + random * Math.max(0, ceilingMs - bounds.minMs);
  return Math.round(Math.max(waitMs, atLeastMs + random * Math.min(ceilingMs, atLeastMs)));
}

/**
 * Wait before the next attempt of a product that lost its server: evenly at random within the time that the server gave its
 * fleet for that, or within the wait after so many failures if that is longer. A hundred thousand products so do not come
 * back in one second.
 *
 * @param failures 1 for the first failure
 * @param random uniform in [0, 1)
 * @param returnSpreadMs what the last handshake said; 0: nothing
 * @param atLeastMs what the server asked for, if it did
 */
export function planReturnMs(
  failures: number,
  random: number,
  returnSpreadMs: number,
  atLeastMs = 0,
): number {
  const { minMs } = defaultBackOff;
  const spreadMs = minMs + random * Math.max(0, returnSpreadMs - minMs);
  const longestRetryMs = planRetryMs(failures, 1, defaultBackOff, atLeastMs);
  if (returnSpreadMs <= longestRetryMs) return planRetryMs(failures, random, defaultBackOff, atLeastMs);
  return Math.round(Math.max(spreadMs, atLeastMs));
}
