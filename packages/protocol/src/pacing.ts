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

/**
 * From the first sending of a heartbeat that was not answered to the next heartbeat: the earlier half of the usual times, 90 to
 * 100 % of the interval. The sign of life before it is then 2.1 intervals old at most, and the status changes after 2.2.
 *
 * @param random uniform in [0, 1)
 */
export function planAfterUnansweredMs(intervalMs: number, random: number): number {
  return planNextHeartbeatMs(intervalMs, random / 2);
}
