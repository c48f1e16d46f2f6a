/** What is known of earlier attempts under one key. */
export interface ThrottleState {
  /** Attempts that failed or have not ended yet. */
  readonly failures: number;
  readonly lastAttemptAtMs: number;
  readonly blockedUntilMs: number | null;
}

export interface ThrottleRule {
  /** Failures that cost nothing but the attempt. */
  readonly freeFailures: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
  /** After this long without an attempt everything is forgotten. */
  readonly forgetAfterMs: number;
}

/**
 * By name: slows guessing of one account down to one attempt a minute from wherever it comes, and never closes the
 * account. By address: an office shares one, so it bears more. By name at an address from which this name signed in
 * before: stands in place of the name's own count, so that strangers cannot keep the owner out.
 */
export const throttleRules = {
  name: { freeFailures: 5, firstDelayMs: 1_000, maxDelayMs: 60_000, forgetAfterMs: 3_600_000 },
  'name-at-address': { freeFailures: 5, firstDelayMs: 1_000, maxDelayMs: 60_000, forgetAfterMs: 3_600_000 },
  address: { freeFailures: 20, firstDelayMs: 1_000, maxDelayMs: 900_000, forgetAfterMs: 3_600_000 },
} as const satisfies Record<string, ThrottleRule>;

export type ThrottleKind = keyof typeof throttleRules;

export type ThrottleDecision =
  | { readonly kind: 'allowed'; readonly next: ThrottleState }
  | { readonly kind: 'refused'; readonly retryAfterMs: number };

/**
 * Asks for one attempt and counts it as failed beforehand, so that many at once cannot slip past the count. A refused
 * attempt changes nothing: trying harder does not make the wait longer.
 */
export function decideAttempt(
  state: ThrottleState | undefined,
  rule: ThrottleRule,
  nowMs: number,
): ThrottleDecision {
  const known = state !== undefined && nowMs - state.lastAttemptAtMs < rule.forgetAfterMs ? state : undefined;
  // A clock that was set back must not shut anybody out for longer than the rule allows.
  const blockedForMs = Math.min((known?.blockedUntilMs ?? 0) - nowMs, rule.maxDelayMs);
  if (blockedForMs > 0) return { kind: 'refused', retryAfterMs: blockedForMs };
  const failures = Math.min((known?.failures ?? 0) + 1, 1_000_000);
  const delayMs = delayAfter(failures, rule);
  return {
    kind: 'allowed',
    next: { failures, lastAttemptAtMs: nowMs, blockedUntilMs: delayMs === 0 ? null : nowMs + delayMs },
  };
}

/** Pause after the given number of failures: none at first, then doubling up to the rule's maximum. */
export function delayAfter(failures: number, rule: ThrottleRule): number {
  const beyond = failures - rule.freeFailures;
  if (beyond < 0) return 0;
  return Math.min(rule.firstDelayMs * 2 ** Math.min(beyond, 40), rule.maxDelayMs);
}

/** The attempt ended well after all: only its own count is taken back, so that one account cannot wash an address clean. */
export function undoAttempt(state: ThrottleState, rule: ThrottleRule): ThrottleState {
  const failures = Math.max(0, state.failures - 1);
  const isBlocked = delayAfter(failures, rule) > 0;
  return { ...state, failures, blockedUntilMs: isBlocked ? state.blockedUntilMs : null };
}
