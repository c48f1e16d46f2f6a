/** One narrowing answers all refusals of calls that were under way together. */
const NARROWING_PAUSE_MS = 250;

/**
 * How many calls of one kind are under way at once: one more with each window's worth of successes, half after a
 * refusal, so that a fleet registers as fast as its server lets it and hardly faster.
 */
export interface CallWindow {
  readonly size: number;
  readonly max: number;
  readonly narrowedAtMs: number;
}

export function createCallWindow(max: number): CallWindow {
  return { size: Math.min(8, max), max, narrowedAtMs: Number.NEGATIVE_INFINITY };
}

export function widenWindow(window: CallWindow): CallWindow {
  return { ...window, size: Math.min(window.max, window.size + 1 / window.size) };
}

/** Never below one: somebody has to ask whether it is better now. */
export function narrowWindow(window: CallWindow, nowMs: number): CallWindow {
  if (nowMs - window.narrowedAtMs < NARROWING_PAUSE_MS) return window;
  return { ...window, size: Math.max(1, window.size / 2), narrowedAtMs: nowMs };
}
