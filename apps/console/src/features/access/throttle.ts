import { ApiError } from '@holdfast/api';

/**
 * How long sign-in stays closed, in milliseconds; undefined when the answer is no throttling. Zero when it is,
 * but the server does not say for how long.
 */
export function findThrottleMs(error: unknown, nowMs: number): number | undefined {
  if (!(error instanceof ApiError) || error.status !== 429) return undefined;
  const facts = error.problem?.facts ?? {};
  const { retryAfterMs, retryAfterSeconds, retryAt } = facts;
  if (typeof retryAfterMs === 'number') return Math.max(0, retryAfterMs);
  if (typeof retryAfterSeconds === 'number') return Math.max(0, retryAfterSeconds * 1_000);
  if (typeof retryAt === 'string') {
    const untilMs = Date.parse(retryAt) - nowMs;
    return Number.isFinite(untilMs) ? Math.max(0, untilMs) : 0;
  }
  return 0;
}
