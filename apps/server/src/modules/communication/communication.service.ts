import {
  type EffectiveCommunication,
  type GroupCommunication,
  isTimeZone,
  type OwnCommunication,
  ScheduleClock,
} from '@holdfast/api';
import { type Actor, isInScope, requirePermission } from '../../platform/access/actor.ts';
import { inTransaction } from '../../platform/database/index.ts';
import type { RequestFacts } from '../../platform/http/route-registrar.ts';
import type { Platform } from '../../platform/platform.ts';
import { createGroupNotFound, type DirectoryModule, type GroupRecord } from '../directory/index.ts';
import type { SettingsModule } from '../settings/index.ts';
import { CommunicationError } from './communication.errors.ts';
import { countDevicesBelow, listSayings, lockSayings, saveSayings } from './communication.store.ts';
import { findTooShort, type GroupSayings, inherit, nothingOwn, type TooShort } from './inheritance.ts';

export type CommunicationPlatform = Pick<
  Platform,
  'database' | 'clock' | 'log' | 'events' | 'jobs' | 'recordAuditEntry' | 'recordEvents' | 'registerRoute'
>;

export interface CommunicationNeeds {
  readonly platform: CommunicationPlatform;
  readonly directory: Pick<DirectoryModule, 'findGroup'>;
  readonly settings: Pick<SettingsModule, 'communicationSettings'>;
  /** Called after each change, when it is on disk. */
  readonly onChange: () => void;
}

/** What groups say about communication, and what follows from it for the devices in them. */
export class CommunicationService {
  readonly #needs: CommunicationNeeds;

  constructor(needs: CommunicationNeeds) {
    this.#needs = needs;
  }

  /** @throws AccessError PERMISSION_DENIED; DirectoryError GROUP_NOT_FOUND */
  async get(actor: Actor, groupId: string): Promise<GroupCommunication> {
    requirePermission(actor, 'directory:read');
    const group = await this.#needs.directory.findGroup(groupId);
    return await this.#describe(actor, requireVisible(actor, group));
  }

  /**
   * @throws AccessError PERMISSION_DENIED; DirectoryError GROUP_NOT_FOUND; CommunicationError COMMUNICATION_TIMEOUT_TOO_SHORT,
   *   COMMUNICATION_CHANGED, TIME_ZONE_UNKNOWN
   */
  async update(
    actor: Actor,
    groupId: string,
    change: { readonly revision: number; readonly own: OwnCommunication },
    request: RequestFacts,
  ): Promise<GroupCommunication> {
    requirePermission(actor, 'directory:edit');
    const { own } = change;
    if (own.schedule !== null && !isTimeZone(own.schedule.timeZone)) {
      throw new CommunicationError('TIME_ZONE_UNKNOWN', 'This server does not know this time zone.', {
        remedy: 'Choose a name of the IANA list, such as Europe/Berlin.',
      });
    }
    const { database, clock, recordAuditEntry, recordEvents } = this.#needs.platform;
    const group = await inTransaction(database, async (transaction) => {
      await lockSayings(transaction);
      const found = await this.#needs.directory.findGroup(groupId, transaction);
      const visible = requireVisible(actor, found);
      const sayings = await listSayings(transaction);
      const before = sayings.get(groupId);
      const changed = new Map(sayings).set(groupId, {
        groupId,
        groupName: visible.name,
        path: visible.path,
        revision: change.revision + 1,
        own,
      });
      const server = this.#needs.settings.communicationSettings();
      const tooShort = findTooShort(groupId, sayings, changed, server);
      if (tooShort !== undefined) throw createTooShort(tooShort, groupId);
      const isSaved = await saveSayings(transaction, {
        groupId,
        seenRevision: change.revision,
        own,
        changedAt: new Date(clock.now()),
      });
      if (!isSaved) throw createChanged(visible);
      await recordEvents(transaction, {
        type: 'communication.changed',
        objectId: groupId,
        groupIds: visible.path,
        data: { name: visible.name },
      });
      await recordAuditEntry(
        transaction,
        actor,
        {
          action: 'communication.changed',
          objectKind: 'group',
          objectId: groupId,
          objectName: visible.name,
          scopeGroupId: groupId,
          details: { before: before?.own ?? nothingOwn, after: own },
        },
        request,
      );
      return visible;
    });
    this.#needs.onChange();
    return await this.#describe(actor, group);
  }

  async #describe(actor: Actor, group: GroupRecord): Promise<GroupCommunication> {
    const { database, clock } = this.#needs.platform;
    const [sayings, deviceCount] = await Promise.all([
      listSayings(database),
      countDevicesBelow(database, group.id),
    ]);
    const server = this.#needs.settings.communicationSettings();
    const { effective } = inherit(group.path, sayings, server);
    const { effective: inherited, origins } = inherit(group.path.slice(0, -1), sayings, server);
    const said = sayings.get(group.id);
    const origin = (from: GroupSayings | undefined) =>
      // Where it comes from above one's scope has no name there, only its effect.
      from === undefined || !isVisible(actor, from.path)
        ? null
        : { groupId: from.groupId, groupName: from.groupName };
    return {
      groupId: group.id,
      revision: said?.revision ?? 0,
      own: said?.own ?? nothingOwn,
      effective,
      inherited,
      origins: {
        heartbeatIntervalMs: origin(origins.heartbeatIntervalMs),
        offlineTimeoutMs: origin(origins.offlineTimeoutMs),
        schedule: origin(origins.schedule),
        mode: origin(origins.mode),
        transport: origin(origins.transport),
        listenerPort: origin(origins.listenerPort),
      },
      ...describeHours(effective, clock.now()),
      deviceCount,
    };
  }
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

function isVisible(actor: Actor, path: readonly string[]): boolean {
  if (actor.kind === 'system') return true;
  return (actor.kind === 'administrator' || actor.kind === 'api-key') && isInScope(actor.scope, path);
}

function requireVisible(actor: Actor, group: GroupRecord | undefined): GroupRecord {
  if (group === undefined || !isVisible(actor, group.path)) throw createGroupNotFound();
  return group;
}

function createTooShort(tooShort: TooShort, groupId: string): CommunicationError {
  const { group, heartbeatIntervalMs, offlineTimeoutMs } = tooShort;
  const shortestOfflineTimeoutMs = heartbeatIntervalMs * 3;
  // A group below the one that is changed is in the scope of whoever may change this one.
  const place = group.groupId === groupId ? 'this group' : `the group "${group.groupName}"`;
  return new CommunicationError(
    'COMMUNICATION_TIMEOUT_TOO_SHORT',
    `In ${place} the offline timeout (${offlineTimeoutMs / 1000} s) would be shorter than three heartbeat intervals (${shortestOfflineTimeoutMs / 1000} s).`,
    {
      facts: { shortestOfflineTimeoutMs, groupId: group.groupId },
      remedy: 'Choose a longer offline timeout or a shorter interval, here or in that group.',
    },
  );
}

function createChanged(group: GroupRecord): CommunicationError {
  return new CommunicationError(
    'COMMUNICATION_CHANGED',
    `The communication of "${group.name}" has been changed since you opened it.`,
    { retry: 'safe', remedy: 'Look at the present values and make your change again.' },
  );
}
