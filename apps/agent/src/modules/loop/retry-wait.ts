/** A wait that a server asks for is obeyed up to this length. */
const MAX_ASKED_WAIT_MS = 300_000;

export function boundAskedWait(retryAfterMs: number): number {
  return Math.min(MAX_ASKED_WAIT_MS, retryAfterMs);
}
