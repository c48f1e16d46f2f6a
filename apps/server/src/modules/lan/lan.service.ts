import type { KeyObject } from 'node:crypto';
import type { EffectiveUpdateSettings, GroupUpdateSettings, LanSegment, LanTraffic } from '@holdfast/api';
import { type LanReport, type LanTerms, limits } from '@holdfast/protocol';
import { deriveKey, KeyLabel } from '@holdfast/trust';
import { type Actor, placesOf, requirePermission } from '../../platform/access/actor.ts';
import { BriefMemory } from '../../platform/brief-memory.ts';
import { inTransaction } from '../../platform/database/index.ts';
import { defineCursor } from '../../platform/http/cursor.ts';
import type { Platform } from '../../platform/platform.ts';
import type { DirectoryModule } from '../directory/index.ts';
import type { GroupSettings, ReadGroupSettings, SayingsByGroup } from '../group-settings/index.ts';
import { deriveLanSecrets } from './lan-secrets.ts';
import {
  forgetSegments,
  holdProduct,
  listHints,
  listSegmentRows,
  saveLanReport,
  sumTraffic,
} from './lan.store.ts';

/** A thousand agents that ask in one second cost one look at what groups say. */
const SAYINGS_MAX_AGE_MS = 1_000;
const PAGE = 100;
const cursors = defineCursor('lan-segments', 'text', 'number');

export interface LanDependencies {
  readonly platform: Pick<Platform, 'database' | 'clock' | 'keys'>;
  readonly directory: Pick<DirectoryModule, 'findProduct'>;
  readonly settings: GroupSettings<EffectiveUpdateSettings>;
}

/** What agents are told about their LANs, and what they tell. */
export class LanService {
  readonly #deps: LanDependencies;
  readonly #key: KeyObject;
  readonly #sayings: BriefMemory<SayingsByGroup<EffectiveUpdateSettings>>;

  constructor(deps: LanDependencies) {
    this.#deps = deps;
    this.#key = deriveKey(deps.platform.keys.masterKey, KeyLabel.lanSecret);
    this.#sayings = new BriefMemory(deps.platform.clock, SAYINGS_MAX_AGE_MS);
  }

  /** After a change of what a group says. */
  forgetSettings(): void {
    this.#sayings.forgetAll();
  }

  /** Undefined for a product that has no place: it shares nothing. */
  async termsOf(productNumber: number): Promise<LanTerms | undefined> {
    const { platform, directory, settings } = this.#deps;
    const product = await directory.findProduct(productNumber);
    if (product === undefined || product.isRecycled || product.state !== 'active') return undefined;
    const sayings = await this.#sayings.recall(
      '',
      async () => await settings.list(),
      () => true,
    );
    const { windowMinutes, activeAgent, maxUploads, uploadKilobytesPerSecond, cacheMegabytes } =
      settings.effectiveAt(product.groupPath, sayings);
    return {
      secrets: deriveLanSecrets(this.#key, platform.clock.now()),
      activeAgent,
      windowMs: windowMinutes * 60_000,
      maxUploads,
      uploadBytesPerSecond: uploadKilobytesPerSecond * 1_000,
      cacheBytes: cacheMegabytes * 1_000_000,
      hints: await listHints(platform.database, productNumber, limits.maxLanHints),
    };
  }

  async record(productNumber: number, report: LanReport | undefined): Promise<void> {
    const { database, clock } = this.#deps.platform;
    if (report === undefined) return await forgetSegments(database, productNumber);
    // One network, said twice: the last word counts.
    const segments = [...new Map(report.segments.map((segment) => [segment.network, segment])).values()];
    await inTransaction(database, async (transaction) => {
      // One that was purged meanwhile says nothing that is kept.
      if (!(await holdProduct(transaction, productNumber))) return;
      await saveLanReport(transaction, productNumber, { ...report, segments }, new Date(clock.now()));
    });
  }

  /** @throws AccessError PERMISSION_DENIED; HttpError CURSOR_INVALID */
  async list(
    actor: Actor,
    { cursor, limit = PAGE }: { readonly cursor?: string | undefined; readonly limit?: number | undefined },
  ): Promise<{ segments: LanSegment[]; nextCursor: string | null; traffic: LanTraffic }> {
    requirePermission(actor, 'directory:read');
    const { database } = this.#deps.platform;
    const places = placesOf(actor, 'directory:read');
    const after = cursor === undefined ? undefined : cursors.decode(cursor);
    const found = await listSegmentRows(database, places, { after, limit: limit + 1 });
    const segments = found.slice(0, limit);
    const last = segments.at(-1);
    return {
      segments,
      nextCursor:
        last === undefined || found.length <= limit
          ? null
          : cursors.encode(last.network, last.activeProduct ?? Number.MAX_SAFE_INTEGER),
      traffic: await sumTraffic(database, places),
    };
  }
}

/** What a group says, as the contract has it. */
export function describeSettings({
  group,
  locked,
  ...rest
}: ReadGroupSettings<EffectiveUpdateSettings>): GroupUpdateSettings {
  return { groupId: group.id, locked: [...locked], ...rest };
}
