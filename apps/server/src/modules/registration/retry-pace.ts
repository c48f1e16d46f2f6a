/** One click of an administrator should show its effect while the page is still open. */
const SHORTEST_MS = 5_000;
const LONGEST_MS = 900_000;
/** A thousand waiting products come back within half a minute, more of them proportionally later. */
const PER_WAITING_MS = 30;
/** For one that an administrator refused: it may ask, but it does not matter how soon. */
export const REFUSED_RETRY_MS = 3_600_000;

/** When a product that waits for an administrator should ask again: soon, as long as few are waiting. */
export function retryAfterMsFor(waitingCount: number): number {
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, waitingCount * PER_WAITING_MS));
}
