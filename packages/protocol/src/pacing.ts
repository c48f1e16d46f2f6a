/** Share of the interval by which each wait differs at random, up or down. */
export const jitterShare = 0.1;

/**
 * Wait before the next heartbeat: the server's interval ±10 %, drawn anew each time, so that products that started
 * together drift apart.
 *
 * @param random uniform in [0, 1)
 */
export function planNextHeartbeatMs(intervalMs: number, random: number): number {
  return Math.round(intervalMs * (1 - jitterShare + 2 * jitterShare * random));
}

/**
 * Wait between the heartbeat that a product sends at once after a start and the next one: a random phase within one
 * interval, so that products that a power cut restarted together do not go on together.
 *
 * @param random uniform in [0, 1)
 */
export function planFirstHeartbeatMs(intervalMs: number, random: number): number {
  return Math.floor(intervalMs * random);
}

/**
 * Waits for the acknowledgement of a heartbeat by UDP: bounds of the one before the same bytes go once more, and the last one.
 * While they last no other heartbeat goes, so they are no longer than a call by HTTPS may be.
 */
export const acknowledgementWait = { minRepeatMs: 1_000, maxRepeatMs: 30_000, lastMs: 2_000 } as const;

/**
 * Wait for the acknowledgement of a heartbeat until the same bytes are sent once more: anywhere between one second and a third
 * of the interval, and 30 seconds at most. So what a returning server finds waiting for its second sending does not come at once.
 *
 * @param random uniform in [0, 1)
 */
export function planHeartbeatRepeatMs(intervalMs: number, random: number): number {
  const { minRepeatMs, maxRepeatMs } = acknowledgementWait;
  const longestMs = Math.min(maxRepeatMs, Math.max(minRepeatMs, intervalMs / 3));
  return Math.round(minRepeatMs + random * (longestMs - minRepeatMs));
}

/** So many intervals after the last answered heartbeat the one after a lost one is sent at the latest; the status changes after 2.2. */
const latestIntervals = 2.1;

/** Longest wait after a heartbeat that was not answered: whoever is back is found again within this time. */
const maxUnansweredWaitMs = 300_000;

/**
 * From the first sending of a heartbeat that was not answered to the next heartbeat: the interval ±10 %, as ever, and five minutes
 * at most, less up to a tenth. The one after
 * the first that was not answered is sent no later than 2.1 intervals after the last answered one, so that one lost heartbeat does not
 * change the status. Each is counted from its first sending, as the server does: its second sending is no sign of life of its own.
 *
 * @param random uniform in [0, 1)
 * @param sinceAnswerMs from the first sending of the last answered heartbeat to that of the lost one; `Infinity`: there was none yet
 */
export function planAfterUnansweredMs(intervalMs: number, random: number, sinceAnswerMs: number): number {
  const longestMs = Math.round(maxUnansweredWaitMs * (1 - jitterShare * random));
  const waitMs = Math.min(planNextHeartbeatMs(intervalMs, random), longestMs);
  const latestMs = Math.round(latestIntervals * intervalMs) - sinceAnswerMs;
  const isFirst = latestMs >= Math.round(intervalMs * (1 - jitterShare));
  return isFirst ? Math.min(waitMs, latestMs) : waitMs;
}
