import {
  type CommunicationValueName,
  type EffectiveCommunication,
  type GroupCommunication,
  type OwnCommunication,
  ScheduleClock,
} from '@holdfast/api';
import type { Actor } from '../../platform/access/actor.ts';
import type { RequestFacts } from '../../platform/http/route-registrar.ts';
import type { Platform } from '../../platform/platform.ts';
import type { GroupSettings, ReadGroupSettings } from '../group-settings/index.ts';
import { countDevicesBelow } from './communication.store.ts';

export type CommunicationPlatform = Pick<
  Platform,
  'database' | 'clock' | 'log' | 'events' | 'ticks' | 'recordAuditEntry' | 'recordEvents' | 'registerRoute'
>;

interface CommunicationChange {
  readonly revision: number;
  readonly own: OwnCommunication;
  readonly locked?: readonly CommunicationValueName[] | undefined;
}

export interface CommunicationParts {
  readonly platform: Pick<Platform, 'database' | 'clock'>;
  readonly groups: GroupSettings<EffectiveCommunication>;
}

/** What groups say about communication, and what follows from it for the devices in them. */
export class CommunicationService {
  readonly #platform: Pick<Platform, 'database' | 'clock'>;
  readonly #groups: GroupSettings<EffectiveCommunication>;

  constructor({ platform, groups }: CommunicationParts) {
    this.#platform = platform;
    this.#groups = groups;
  }

  /** @throws AccessError PERMISSION_DENIED; DirectoryError GROUP_NOT_FOUND */
  async get(actor: Actor, groupId: string): Promise<GroupCommunication> {
    return await this.#describe(await this.#groups.get(actor, groupId));
  }

  /**
   * @throws AccessError PERMISSION_DENIED; DirectoryError GROUP_NOT_FOUND; GroupSettingsError with any of its codes;
   *   CommunicationError COMMUNICATION_TIMEOUT_TOO_SHORT, COMMUNICATION_CHANGED, TIME_ZONE_UNKNOWN
   */
  async update(
    actor: Actor,
    groupId: string,
    { revision, own, locked }: CommunicationChange,
    request: RequestFacts,
  ): Promise<GroupCommunication> {
    return await this.#describe(
      await this.#groups.update(actor, groupId, { revision, own: withoutNulls(own), locked }, request),
    );
  }

  async #describe({
    group,
    revision,
    own,
    locked,
    ...rest
  }: ReadGroupSettings<EffectiveCommunication>): Promise<GroupCommunication> {
    const { database, clock } = this.#platform;
    return {
      groupId: group.id,
      revision,
      own: { ...nothingOwn, ...own },
      locked: [...locked],
      ...rest,
      ...describeHours(rest.effective, clock.now()),
      deviceCount: await countDevicesBelow(database, group.id),
    };
  }
}

/** A group that says nothing. */
const nothingOwn: OwnCommunication = {
  heartbeatIntervalMs: null,
  offlineTimeoutMs: null,
  schedule: null,
  mode: null,
  transport: null,
  listenerPort: null,
};

function withoutNulls(own: OwnCommunication): Partial<EffectiveCommunication> {
  return Object.fromEntries(Object.entries(own).filter(([, value]) => value !== null));
}

function describeHours(
  { schedule }: EffectiveCommunication,
  nowMs: number,
): Pick<GroupCommunication, 'isIdle' | 'nextChangeAt'> {
  if (schedule === null) return { isIdle: false, nextChangeAt: null };
  const clock = new ScheduleClock(schedule);
  const nextMs = clock.nextChangeAt(nowMs);
  return {
    isIdle: clock.isIdle(nowMs),
    nextChangeAt: nextMs === undefined ? null : new Date(nextMs).toISOString(),
  };
}
