import type {
  CommunicationValueName,
  EffectiveCommunication,
  GroupCommunication,
  OwnCommunication,
} from '@holdfast/api';
import {
  type CommunicationFault,
  faultsOf as faultsOfTimes,
} from '../../shared/communication/communication-rules.ts';

/** What a group says itself, and what of it groups below cannot say otherwise. */
export type Saying = Pick<GroupCommunication, 'own' | 'locked'>;

/** True when two say the same. */
export function areEqual(one: Saying, other: Saying): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

/** With another value; a lock goes with the value that it was for. */
export function withOwn({ locked }: Saying, own: OwnCommunication): Saying {
  return { own, locked: locked.filter((name) => own[name] !== null) };
}

export function withLock({ own, locked }: Saying, name: CommunicationValueName, isLocked: boolean): Saying {
  const others = locked.filter((other) => other !== name);
  return { own, locked: isLocked ? [...others, name] : others };
}

/** What has an effect of it: nothing of what a group above locks. */
export function withoutOverridden(
  own: OwnCommunication,
  lockedBy: GroupCommunication['lockedBy'],
): OwnCommunication {
  return {
    heartbeatIntervalMs: lockedBy.heartbeatIntervalMs === null ? own.heartbeatIntervalMs : null,
    offlineTimeoutMs: lockedBy.offlineTimeoutMs === null ? own.offlineTimeoutMs : null,
    schedule: lockedBy.schedule === null ? own.schedule : null,
    mode: lockedBy.mode === null ? own.mode : null,
    transport: lockedBy.transport === null ? own.transport : null,
    listenerPort: lockedBy.listenerPort === null ? own.listenerPort : null,
  };
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

function sorted({ own, locked }: Saying): unknown {
  return [Object.entries(own).sort(([left], [right]) => left.localeCompare(right)), [...locked].sort()];
}
