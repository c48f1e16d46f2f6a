/** How long sessions live. */
export interface SessionLimits {
  /** Ends this long after the last use. */
  readonly idleMs: number;
  /** Ends this long after sign-in, however much it is used. */
  readonly absoluteMs: number;
}

export const defaultSessionLimits: SessionLimits = { idleMs: 8 * 3_600_000, absoluteMs: 7 * 86_400_000 };

/** Uses within this time of the last written one are not written again. */
export const SESSION_USE_WRITE_INTERVAL_MS = 60_000;

export interface SessionTimes {
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number;
}

export function sessionExpiresAtMs(times: SessionTimes, limits: SessionLimits): number {
  return Math.min(times.createdAtMs + limits.absoluteMs, times.lastUsedAtMs + limits.idleMs);
}

/** Fails closed: a time that is no number has expired. */
export function isSessionAlive(times: SessionTimes, limits: SessionLimits, nowMs: number): boolean {
  return nowMs < sessionExpiresAtMs(times, limits);
}
