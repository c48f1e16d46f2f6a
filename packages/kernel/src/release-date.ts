/** When this release was made: no clock that is right says an earlier time. Moved forward with each release. */
export const releasedAtMs = Date.parse('2026-11-22T00:00:00Z');

/** False: the clock is certainly wrong. True says nothing more than that it may be right: one that is ahead cannot be told. */
export function isPlausibleTime(nowMs: number): boolean {
  return nowMs >= releasedAtMs;
}
