import type { CommunicationValueName, EffectiveCommunication, OwnCommunication } from '@holdfast/api';

/** True when two sets of own values say the same. */
export function areEqual(one: OwnCommunication, other: OwnCommunication): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

/** The own value that stands for what holds now: where somebody begins who stops inheriting. */
export function ownFromEffective(
  own: OwnCommunication,
  effective: EffectiveCommunication,
  name: Exclude<CommunicationValueName, 'schedule'>,
): OwnCommunication {
  return { ...own, [name]: effective[name] };
}

export type OwnFault = 'interval-range' | 'timeout-range' | 'timeout-too-short' | 'port-range';

/** What the server would refuse, as far as one group can tell; what the groups below say, it tells itself. */
export function faultsOf(own: OwnCommunication, effective: EffectiveCommunication): readonly OwnFault[] {
  const intervalMs = own.heartbeatIntervalMs ?? effective.heartbeatIntervalMs;
  const timeoutMs = own.offlineTimeoutMs ?? effective.offlineTimeoutMs;
  const faults: OwnFault[] = [];
  // Written so that NaN is a fault.
  if (!(intervalMs >= 1_000 && intervalMs <= 28_800_000)) faults.push('interval-range');
  if (!(timeoutMs <= 604_800_000)) faults.push('timeout-range');
  if (!(timeoutMs >= 3 * intervalMs)) faults.push('timeout-too-short');
  const port = own.listenerPort ?? 0;
  if (!(port === 0 || (port >= 1_024 && port <= 65_535))) faults.push('port-range');
  return faults;
}

function sorted(own: OwnCommunication): unknown {
  return Object.entries(own).sort(([left], [right]) => left.localeCompare(right));
}
