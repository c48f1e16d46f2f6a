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
