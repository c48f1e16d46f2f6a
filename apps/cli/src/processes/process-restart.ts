/** The agent ended to be started again, as a command asked: `restartWanted` of its exit codes. */
export const restartWantedCode = 75;
export const firstRestartDelayMs = 1_000;
const longestRestartDelayMs = 60_000;
/** A process that ran this long was well; its next fall starts the delays anew. */
const settledAfterMs = 60_000;

/** How long to wait before a process that ended is started again: longer after each fall, not at all when it asked for it. */
export function planRestartDelay(
  end: { readonly code: number | null; readonly ranForMs: number },
  lastDelayMs: number,
): number {
  if (end.code === restartWantedCode) return 0;
  if (end.ranForMs > settledAfterMs) return firstRestartDelayMs;
  return Math.min(Math.max(lastDelayMs * 2, firstRestartDelayMs), longestRestartDelayMs);
}
