/** How long ago something was, as a unit and a whole number that a text is made of. */
export interface RelativeTime {
  readonly unit: 'now' | 'second' | 'minute' | 'hour' | 'day' | 'month' | 'year';
  readonly value: number;
  readonly isFuture: boolean;
}

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Greatest amount that is still told in the unit. */
const units: readonly (readonly [unit: RelativeTime['unit'], unitMs: number, belowMs: number])[] = [
  ['second', second, minute],
  ['minute', minute, hour],
  ['hour', hour, 2 * day],
  ['day', day, 60 * day],
  ['month', 30.44 * day, 730 * day],
  ['year', 365.25 * day, Number.POSITIVE_INFINITY],
];

/**
 * The past is rounded down, so that nothing looks older than it is; the future to the nearest, so that what was
 * set to end in 7 days does not at once end in 6. Up to three seconds ahead counts as now: the clocks of server
 * and viewer never agree exactly.
 */
export function relativeTimeOf(nowMs: number, atMs: number): RelativeTime {
  const distanceMs = nowMs - atMs;
  const isFuture = distanceMs < -3 * second;
  if (!isFuture && distanceMs < second) return { unit: 'now', value: 0, isFuture: false };
  const amountMs = Math.abs(distanceMs);
  const round = isFuture ? Math.round : Math.floor;
  for (const [unit, unitMs, belowMs] of units) {
    const value = round(amountMs / unitMs);
    if (value * unitMs < belowMs) return { unit, value, isFuture };
  }
  return { unit: 'year', value: round(amountMs / (365.25 * day)), isFuture };
}
