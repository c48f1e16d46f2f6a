import { limits } from '@holdfast/protocol';

/** How often products report and how long their silence is normal: settings of this server. */
export interface CommunicationTimes {
  readonly heartbeatIntervalMs: number;
  readonly offlineTimeoutMs: number;
}

/** Silence after which a heartbeat is late: one interval with the largest jitter. */
export function lateMsOf(intervalMs: number): number {
  return Math.ceil(intervalMs * 1.1);
}

/**
 * Silence after which a product has timed out: two heartbeats at the far end of their jitter (±10 %), so that one
 * lost datagram changes nothing.
 */
export function timeoutMsOf(intervalMs: number): number {
  return Math.ceil(intervalMs * 2.2);
}

/**
 * Silence after which a product is offline. Never before it could have reported a few times: one that was told a
 * long interval, before the settings were shortened, is still right to be silent.
 */
export function offlineMsOf(intervalMs: number, times: CommunicationTimes): number {
  return Math.max(times.offlineTimeoutMs, intervalMs * limits.minIntervalsPerOfflineTimeout);
}
