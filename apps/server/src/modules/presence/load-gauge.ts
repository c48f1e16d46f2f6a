/** How busy this process was over the last second. */
export interface Load {
  /** Share of the time in which the event loop worked, 0 to 1. */
  readonly utilisation: number;
  /** How late it came to its timers at worst. */
  readonly delayMs: number;
}

const MAX_STRETCH = 8;
const RISE = 1.25;
const FALL = 0.97;

/**
 * How much longer products are to wait between heartbeats, given how it was and how busy the server is. Rises quickly, to relieve an
 * overloaded server within an interval or two, and falls slowly, so that it does not oscillate. Between busy and idle it stays.
 *
 * @returns 1 to 8
 */
export function planStretch(stretch: number, load: Load): number {
  if (load.utilisation > 0.85 || load.delayMs > 500) return Math.min(MAX_STRETCH, stretch * RISE);
  if (load.utilisation < 0.7 && load.delayMs < 200) return Math.max(1, stretch * FALL);
  return stretch;
}

/** After an outage of its server a fleet comes back at no more than this many products a second. */
const RETURNS_PER_S = 1_000;
const MIN_RETURN_SPREAD_MS = 5_000;
const MAX_RETURN_SPREAD_MS = 3_600_000;

/** Time over which a fleet of this size is asked to spread its return. */
export function planReturnSpreadMs(productCount: number): number {
  const spreadMs = Math.ceil((productCount / RETURNS_PER_S) * 1_000);
  return Math.min(MAX_RETURN_SPREAD_MS, Math.max(MIN_RETURN_SPREAD_MS, spreadMs));
}
