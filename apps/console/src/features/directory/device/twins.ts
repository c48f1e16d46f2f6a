import type { DeviceSummary, DeviceTwin } from '@holdfast/api';

export interface TwinAdvice {
  readonly twin: DeviceTwin;
  /**
   * Which record is left over from before: the one that was silent for longer. Undefined while both of them speak: then
   * they are two computers that report one hardware, as copies of one image do.
   */
  readonly older: 'this' | 'twin' | undefined;
}

/** What another record of the same computer means, for each of them. */
export function adviseOnTwins(device: DeviceSummary): readonly TwinAdvice[] {
  return device.twins.map((twin) => {
    const older = isOlder(device, twin) ? 'this' : 'twin';
    const silent = older === 'this' ? device.presence : twin.presence;
    return { twin, older: silent.status === 'online' ? undefined : older };
  });
}

type DatedRecord = Pick<DeviceTwin, 'presence' | 'registeredAt'>;

function isOlder(one: DatedRecord, other: DatedRecord): boolean {
  const [seen, otherSeen] = [one.presence.lastSeenAt ?? '', other.presence.lastSeenAt ?? ''];
  return seen === otherSeen ? one.registeredAt < other.registeredAt : seen < otherSeen;
}
