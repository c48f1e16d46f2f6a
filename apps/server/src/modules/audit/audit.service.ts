import type { AuditEntry } from '@holdfast/api';
import { isUuid } from '@holdfast/kernel';
import { type Actor, placesOf, requirePermission } from '../../platform/access/actor.ts';
import type { AuditFacts } from '../../platform/audit/audit.ts';
import { listSubjects, toShownDetails } from '../../platform/audit/audit-facts.ts';
import { type ChainedEntry, findBrokenLink } from '../../platform/audit/audit-chain.ts';
import { type Database, isTransientDatabaseError } from '../../platform/database/index.ts';
import type { Platform } from '../../platform/platform.ts';
import { findDistinctions } from '../directory/index.ts';
import { type AuditQuery, type AuditRow, listAuditRows, listChain, listSeen } from './audit.store.ts';

const DEFAULT_LIMIT = 100;
const CHAIN_BATCH = 1_000;

export type AuditSearch = Omit<AuditQuery, 'scope' | 'limit'> & {
  readonly limit?: number | undefined;
};

export interface AuditPage {
  readonly entries: AuditEntry[];
  /** Sequence before which the next page begins; null at the end. */
  readonly nextBefore: number | null;
}

/** What a check of the whole chain found. */
export interface ChainVerdict {
  /** Entries that follow from the ones before them. */
  readonly verifiedCount: number;
  /** The first entry that does not; undefined when all do. */
  readonly brokenSequence: number | undefined;
}

/** Reading the audit log. Nothing here writes it. */
export class AuditService {
  readonly #database: Database;
  readonly #chain: () => Promise<void>;

  constructor({ platform }: { readonly platform: Pick<Platform, 'database' | 'chainAuditEntries'> }) {
    this.#database = platform.database;
    this.#chain = platform.chainAuditEntries;
  }

  /**
   * A caller who may read them in groups sees the entries of those, and none that concern no group. What was committed is there at
   * once; while the database can only be read, what it took last follows when it takes changes again.
   */
  async list(actor: Actor, search: AuditSearch): Promise<AuditPage> {
    requirePermission(actor, 'audit:read');
    const limit = search.limit ?? DEFAULT_LIMIT;
    const scope = placesOf(actor, 'audit:read');
    await this.#chain().catch((error: unknown) => {
      if (!isTransientDatabaseError(error)) throw error;
    });
    const rows = await listAuditRows(this.#database, { ...search, limit: limit + 1, scope });
    const page = rows.slice(0, limit);
    const maySee = await this.#readSight(scope, page);
    const devices = page.flatMap(({ object_kind, object_id, object_name }) =>
      object_kind === 'device' && object_id !== null && isUuid(object_id)
        ? [{ id: object_id, name: object_name ?? '' }]
        : [],
    );
    const distinctions = await findDistinctions(this.#database, devices, scope);
    return {
      entries: page.map((row) => toAuditEntry(row, maySee, distinctions)),
      nextBefore: rows.length > limit ? (page.at(-1)?.seq ?? null) : null,
    };
  }

  /** Whether a reader with a scope may see what facts of these entries are about. */
  async #readSight(
    scope: readonly string[] | null,
    page: readonly AuditRow[],
  ): Promise<((about: AuditFacts['about']) => boolean) | undefined> {
    if (scope === null) return undefined;
    const seen = await listSeen(
      this.#database,
      page.flatMap(({ action, details }) => listSubjects(action, details)),
      scope,
    );
    return ({ id }) => seen.has(id);
  }

  /**
   * Proves that no entry was changed, removed, added or moved since it got its place. That entries at the very end are missing is
   * seen by the `AuditChainer`, which remembers the newest one.
   *
   * @param onBatch told now and then how many are verified; a throw of it ends the work
   */
  async verifyChain(onBatch: (verifiedCount: number) => void = () => {}): Promise<ChainVerdict> {
    await this.#chain();
    let before: ChainedEntry | undefined;
    let verifiedCount = 0;
    for (;;) {
      const batch = await listChain(this.#database, before?.sequence ?? 0, CHAIN_BATCH);
      const brokenSequence = findBrokenLink(batch, before);
      if (brokenSequence !== undefined) {
        const goodCount = batch.findIndex((entry) => entry.sequence === brokenSequence);
        return { verifiedCount: verifiedCount + goodCount, brokenSequence };
      }
      verifiedCount += batch.length;
      before = batch.at(-1) ?? before;
      onBatch(verifiedCount);
      if (batch.length < CHAIN_BATCH) return { verifiedCount, brokenSequence: undefined };
    }
  }
}

function toAuditEntry(
  row: AuditRow,
  maySee: ((about: AuditFacts['about']) => boolean) | undefined,
  distinctions: ReadonlyMap<string, string>,
): AuditEntry {
  const distinction = distinctions.get(row.object_id ?? '');
  return {
    id: row.id,
    sequence: row.seq,
    occurredAt: row.occurred_at.toISOString(),
    actorKind: row.actor_kind,
    actorName: row.actor_name,
    action: row.action,
    objectKind: row.object_kind ?? '',
    objectId: row.object_id ?? '',
    objectName: row.object_name ?? '',
    ...(distinction === undefined ? {} : { objectDistinction: distinction }),
    details: toShownDetails(row.action, row.details, maySee),
    remoteAddress: row.remote_address ?? '',
    requestId: row.request_id ?? '',
  };
}
