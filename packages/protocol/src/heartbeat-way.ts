/** How the next heartbeat of a product travels whose transport is acknowledged UDP (docs/protocol.md, section 12). */
export const HeartbeatWay = {
  /** The product is heard: its last heartbeat was answered, or there was none yet. */
  udpTwice: 'udp-twice',
  /** It is not heard: one attempt for each heartbeat, by these two in turn. */
  https: 'https',
  udpOnce: 'udp-once',
} as const;
export type HeartbeatWay = (typeof HeartbeatWay)[keyof typeof HeartbeatWay];

/** The way of the heartbeat after an unanswered one; after an answered one it is always `udp-twice`. */
export function turnAfterUnanswered(way: HeartbeatWay): HeartbeatWay {
  // HTTPS comes first: it passes where UDP does not.
  return way === HeartbeatWay.https ? HeartbeatWay.udpOnce : HeartbeatWay.https;
}
