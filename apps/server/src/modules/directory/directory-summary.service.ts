import { type FilteredField, platforms, presenceStatuses } from '@holdfast/api';
import { type Actor, requirePermission } from '../../platform/access/actor.ts';
import type { Database } from '../../platform/database/index.ts';
import { BriefMemory } from '../../platform/brief-memory.ts';
import type { Platform } from '../../platform/platform.ts';
import type { DeviceListService, PresenceReader } from './device-list.service.ts';
import {
  countWaiting,
  type DeviceTally,
  tallyDevices,
  tallyValues,
  type ValueTally,
} from './directory-summary.store.ts';
import { countGroups } from './groups.store.ts';

export interface DirectorySummary {
  readonly deviceCount: number;
  readonly groupCount: number;
  readonly waitingCount: number;
  readonly byStatus: Record<string, number>;
  readonly byPlatform: Record<string, number>;
  readonly encryption: { encrypted: number; notEncrypted: number; unknown: number };
  readonly byAgentVersion: { readonly version: string; readonly count: number }[];
}

interface Tallies {
  readonly tallies: DeviceTally[];
  readonly versions: ValueTally[];
}

/** A fleet of this size is counted anew at once; a larger one at most every two seconds. */
const SMALL_FLEET = 20_000;
const MAX_AGE_MS = 2_000;

export interface DirectorySummaryParts {
  readonly platform: Pick<Platform, 'database' | 'clock'>;
  readonly devices: Pick<DeviceListService, 'resolve'>;
  readonly presence: Pick<PresenceReader, 'saveStatuses'>;
}

/** Counts for the first page that everybody sees. */
export class DirectorySummaryService {
  readonly #db: Database;
  readonly #devices: Pick<DeviceListService, 'resolve'>;
  readonly #presence: Pick<PresenceReader, 'saveStatuses'>;
  readonly #tallies: BriefMemory<Tallies>;

  constructor({ platform, devices, presence }: DirectorySummaryParts) {
    this.#db = platform.database;
    this.#tallies = new BriefMemory(platform.clock, MAX_AGE_MS);
    this.#devices = devices;
    this.#presence = presence;
  }

  async getSummary(
    actor: Actor,
    query: { readonly groupId?: string | undefined },
  ): Promise<DirectorySummary> {
    requirePermission(actor, 'directory:read');
    const { groupIds } = await this.#devices.resolve(actor, query);
    await this.#presence.saveStatuses();
    const { tallies, versions } = await this.#tally(groupIds);
    const sum = (matches: (tally: DeviceTally) => boolean): number =>
      tallies.reduce((total, tally) => total + (matches(tally) ? tally.count : 0), 0);
    return {
      deviceCount: sum(() => true),
      groupCount: groupIds === null ? await countGroups(this.#db) : groupIds.length,
      waitingCount: await countWaiting(this.#db, groupIds),
      byStatus: Object.fromEntries(presenceStatuses.map((it) => [it, sum((tally) => tally.status === it)])),
      byPlatform: Object.fromEntries(platforms.map((it) => [it, sum((tally) => tally.platform === it)])),
      encryption: {
        encrypted: sum((tally) => tally.isEncrypted === true),
        notEncrypted: sum((tally) => tally.isEncrypted === false),
        unknown: sum((tally) => tally.isEncrypted === null),
      },
      byAgentVersion: versions.map(({ value, count }) => ({ version: value, count })),
    };
  }

  /** The values of a field that most devices in sight have. */
  async listValues(
    actor: Actor,
    { field, groupId }: { readonly field: FilteredField; readonly groupId?: string | undefined },
  ): Promise<ValueTally[]> {
    requirePermission(actor, 'directory:read');
    const { groupIds } = await this.#devices.resolve(actor, { groupId });
    return await tallyValues(this.#db, field, groupIds);
  }

  async #tally(groupIds: readonly string[] | null): Promise<Tallies> {
    const key = groupIds === null ? '' : groupIds.toSorted().join();
    return await this.#tallies.recall(
      key,
      async () => ({
        tallies: await tallyDevices(this.#db, groupIds),
        versions: await tallyValues(this.#db, 'agentVersion', groupIds),
      }),
      ({ tallies }) => tallies.reduce((total, tally) => total + tally.count, 0) > SMALL_FLEET,
    );
  }
}
