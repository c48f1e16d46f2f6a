import type { CommunicationSettings } from '@holdfast/api';

/** The limits of the contract, checked while typing. */
export const communicationLimits = {
  minIntervalMs: 1_000,
  maxIntervalMs: 28_800_000,
  maxTimeoutMs: 604_800_000,
  /** One lost heartbeat, and even two, are no reason to call a device offline. */
  minTimeoutIntervals: 3,
} as const;

export type CommunicationFault = 'interval-range' | 'timeout-too-short' | 'timeout-range';

export function faultsOf(settings: CommunicationSettings): readonly CommunicationFault[] {
  const { heartbeatIntervalMs, offlineTimeoutMs } = settings;
  const { minIntervalMs, maxIntervalMs, maxTimeoutMs } = communicationLimits;
  const faults: CommunicationFault[] = [];
  // Written so that NaN is a fault.
  if (!(heartbeatIntervalMs >= minIntervalMs && heartbeatIntervalMs <= maxIntervalMs))
    faults.push('interval-range');
  if (!(offlineTimeoutMs >= minTimeoutMs(heartbeatIntervalMs))) faults.push('timeout-too-short');
  if (!(offlineTimeoutMs <= maxTimeoutMs)) faults.push('timeout-range');
  return faults;
}

export function minTimeoutMs(heartbeatIntervalMs: number): number {
  return communicationLimits.minTimeoutIntervals * heartbeatIntervalMs;
}
