import type { DeviceSummary, DeviceTwin, TwinContradiction } from '@holdfast/api';

/**
 * Which record is left over from before: `this` or the `twin`. `none`: both still report, so they are two computers
 * that report one hardware, as copies of one image do. `unknown`: one of them is not allowed to report, so that its
 * silence says nothing. The others: what shows that both are systems of their own, however long one is silent.
 */
export type OlderRecord = 'this' | 'twin' | 'none' | 'unknown' | TwinContradiction;

export interface TwinAdvice {
  readonly twin: DeviceTwin;
  readonly older: OlderRecord;
}

/** What another record of the same computer means, for each of them. */
export function adviseOnTwins(device: DeviceSummary): readonly TwinAdvice[] {
  return device.twins.map((twin) => ({ twin, older: twin.contradiction ?? findOlder(device, twin) }));
}

type DatedRecord = Pick<DeviceTwin, 'presence' | 'registeredAt'>;

/** Invariant: only a record that is offline and that nothing contradicts is called older, because its removal is offered then. */
function findOlder(device: DatedRecord, twin: DatedRecord): OlderRecord {
  const [status, twinStatus] = [device.presence.status, twin.presence.status];
  if (status === 'disabled' || twinStatus === 'disabled') return 'unknown';
  // An agent that is quiet by its schedule, was stopped, or is late is still the agent of its record.
  if (status === 'offline' && twinStatus === 'offline') return isOlder(device, twin) ? 'this' : 'twin';
  if (status === 'offline') return 'this';
  return twinStatus === 'offline' ? 'twin' : 'none';
}

function isOlder(one: DatedRecord, other: DatedRecord): boolean {
  const [seen, otherSeen] = [one.presence.lastSeenAt ?? '', other.presence.lastSeenAt ?? ''];
  return seen === otherSeen ? one.registeredAt < other.registeredAt : seen < otherSeen;
}
