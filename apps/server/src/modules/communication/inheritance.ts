import type {
  CommunicationSettings,
  CommunicationValueName,
  EffectiveCommunication,
  OwnCommunication,
} from '@holdfast/api';
import { limits } from '@holdfast/protocol';

/** What one group says, with its place in the tree. */
export interface GroupSayings {
  readonly groupId: string;
  readonly groupName: string;
  /** Ids from the top group down to this one. */
  readonly path: readonly string[];
  readonly revision: number;
  readonly own: OwnCommunication;
}

/** The group that a value comes from; `undefined`: the settings of the server. */
export type Origins = Readonly<Record<CommunicationValueName, GroupSayings | undefined>>;

export interface Inherited {
  readonly effective: EffectiveCommunication;
  readonly origins: Origins;
}

/** A group that says nothing. */
export const nothingOwn: OwnCommunication = {
  heartbeatIntervalMs: null,
  offlineTimeoutMs: null,
  schedule: null,
  mode: null,
  transport: null,
  listenerPort: null,
};

/**
 * What holds at a place: of each value, what the nearest group from there up to the top says, and else what the server says.
 *
 * @param path ids from the top group down
 */
export function inherit(
  path: readonly string[],
  sayings: ReadonlyMap<string, GroupSayings>,
  server: CommunicationSettings,
): Inherited {
  const nearestFirst = path
    .map((id) => sayings.get(id))
    .filter((group) => group !== undefined)
    .toReversed();
  const nearest = (name: CommunicationValueName): GroupSayings | undefined =>
    nearestFirst.find(({ own }) => own[name] !== null);
  const origins: Origins = {
    heartbeatIntervalMs: nearest('heartbeatIntervalMs'),
    offlineTimeoutMs: nearest('offlineTimeoutMs'),
    schedule: nearest('schedule'),
    mode: nearest('mode'),
    transport: nearest('transport'),
    listenerPort: nearest('listenerPort'),
  };
  return {
    origins,
    effective: {
      heartbeatIntervalMs: origins.heartbeatIntervalMs?.own.heartbeatIntervalMs ?? server.heartbeatIntervalMs,
      offlineTimeoutMs: origins.offlineTimeoutMs?.own.offlineTimeoutMs ?? server.offlineTimeoutMs,
      schedule: origins.schedule?.own.schedule ?? null,
      mode: origins.mode?.own.mode ?? 'automatic',
      transport: origins.transport?.own.transport ?? 'automatic',
      listenerPort: origins.listenerPort?.own.listenerPort ?? 0,
    },
  };
}

/** A place at which the offline timeout would be shorter than three intervals. */
export interface TooShort {
  readonly group: GroupSayings;
  readonly heartbeatIntervalMs: number;
  readonly offlineTimeoutMs: number;
}

/**
 * The first place, from the changed group down, at which the change makes silence count as offline before three heartbeats could have
 * come. Places that were so before are left alone: a change elsewhere must not be held up by them, and presence counts three
 * intervals there anyhow. Only places that say something can differ from the place above them, so no others are looked at.
 */
export function findTooShort(
  groupId: string,
  before: ReadonlyMap<string, GroupSayings>,
  after: ReadonlyMap<string, GroupSayings>,
  server: CommunicationSettings,
): TooShort | undefined {
  const concerned = [...after.values()]
    .filter(({ path }) => path.includes(groupId))
    .sort((left, right) => left.path.length - right.path.length);
  for (const group of concerned) {
    const now = inherit(group.path, after, server).effective;
    const was = inherit(group.path, before, server).effective;
    if (missingMs(now) > Math.max(0, missingMs(was))) return { group, ...now };
  }
  return undefined;
}

/** By how much the timeout is shorter than three intervals; negative when it is longer. */
function missingMs({ heartbeatIntervalMs, offlineTimeoutMs }: EffectiveCommunication): number {
  return heartbeatIntervalMs * limits.minIntervalsPerOfflineTimeout - offlineTimeoutMs;
}
