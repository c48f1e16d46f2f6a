import type { CommunicationValueName, EffectiveCommunication, OwnCommunication } from '@holdfast/api';
import {
  type CommunicationFault,
  faultsOf as faultsOfTimes,
} from '../../shared/communication/communication-rules.ts';

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

export type OwnFault = CommunicationFault | 'port-range';

const minPort = 1_024;
const maxPort = 65_535;

/** What the server would refuse, as far as one group can tell; what the groups below say, it tells itself. */
export function faultsOf(own: OwnCommunication, effective: EffectiveCommunication): readonly OwnFault[] {
  const faults: readonly CommunicationFault[] = faultsOfTimes({
    heartbeatIntervalMs: own.heartbeatIntervalMs ?? effective.heartbeatIntervalMs,
    offlineTimeoutMs: own.offlineTimeoutMs ?? effective.offlineTimeoutMs,
  });
  const port = own.listenerPort ?? 0;
  return port === 0 || (port >= minPort && port <= maxPort) ? faults : [...faults, 'port-range'];
}

function sorted(own: OwnCommunication): unknown {
  return Object.entries(own).sort(([left], [right]) => left.localeCompare(right));
}
