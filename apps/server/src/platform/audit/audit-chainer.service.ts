import type { Clock } from '@holdfast/kernel';
import type { Logger } from 'pino';
import { type Database, inTransaction, onCommitted, type Transaction } from '../database/index.ts';
import type { Tick, TickOutcome, Ticks } from '../ticks/ticks.ts';
import type { RecordAuditEntries, RecordAuditEntry } from './audit.ts';
import {
  findHead,
  hasUnchained,
  insertUnchained,
  isInChain,
  listChained,
  listUnchained,
  lockChain,
  moveToChain,
  type UnchainedEntry,
} from './audit.store.ts';
import { type ChainHead, linkAfter } from './audit-chain.ts';
import type { HeadMemory } from './audit-head-file.ts';
import {
  type AuditRecorderOptions,
  createAuditRecorder,
  createAuditRecorderOfMany,
} from './audit-recorder.ts';

export interface AuditChainerOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly createId: () => string;
  /** Absent: what this process has seen is forgotten with it. */
  readonly headMemory?: HeadMemory | undefined;
}

/** Between two turns while something is recorded. */
const TURN_MS = 1_000;
/** What this process records wakes the tick; only what another one left waits for so long. */
const REST_MS = 30_000;
const BATCH = 1_000;
/** Of more that wait at a time, nobody could say that they are gone. */
const MAX_AWAITED = 100_000;
const MAX_NAMED = 10;

/** What is not as this process knows it to have been. */
interface Tampering {
  /** Entries that were committed and neither wait nor stand in the chain. */
  readonly missing: readonly UnchainedEntry[];
  /** Entries that say something else than when they were written. */
  readonly changed: readonly UnchainedEntry[];
  /** The entry that was the newest one and does not stand in the chain any more. */
  readonly lostHead: ChainHead | undefined;
}

/**
 * Gives entries of the audit log their places in its chain, soon after their commit and in batches. Promises that what was
 * committed gets exactly one place, whenever processes end and however many do this on one database; and that what was taken
 * away or changed behind this process, while it waited for its place or at the end of the chain, is told in the log itself.
 */
export class AuditChainer {
  /** Writes entries that wait for their place. */
  readonly record: RecordAuditEntry;
  readonly recordAll: RecordAuditEntries;
  readonly #options: AuditChainerOptions;
  /** What this process has committed and not seen in the chain yet, by id. */
  readonly #awaited = new Map<string, UnchainedEntry>();
  #head: ChainHead | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #nextTurn: Promise<number> | undefined;
  #tick: Tick | undefined;
  #isResting = true;

  constructor(options: AuditChainerOptions) {
    this.#options = options;
    const recorder: AuditRecorderOptions = {
      ...options,
      write: async (transaction, entries) => {
        await insertUnchained(transaction, entries);
        onCommitted(transaction, () => this.#await(entries));
      },
    };
    this.record = createAuditRecorder(recorder);
    this.recordAll = createAuditRecorderOfMany(recorder);
  }

  async start(ticks: Ticks): Promise<void> {
    this.#head = await this.#options.headMemory?.read();
    this.#tick = ticks.every('audit.chain', TURN_MS, async () => await this.#takeTickTurn(), {
      restMs: REST_MS,
    });
  }

  /** @returns when everything that was committed before the call has its place */
  async chain(): Promise<void> {
    if (this.#awaited.size > 0 || (await hasUnchained(this.#options.database))) await this.#takeTurn();
  }

  #await(entries: readonly UnchainedEntry[]): void {
    for (const entry of entries)
      if (this.#awaited.size < MAX_AWAITED) this.#awaited.set(entry.content.id, entry);
    if (!this.#isResting) return;
    this.#isResting = false;
    this.#tick?.wake();
  }

  async #takeTickTurn(): Promise<TickOutcome> {
    this.#isResting = (await this.#takeTurn()) === 0 && this.#awaited.size === 0;
    return this.#isResting ? 'rest' : undefined;
  }

  /** One at a time. Whoever comes while one is under way gets the next one, together with all who come meanwhile. */
  async #takeTurn(): Promise<number> {
    this.#nextTurn ??= this.#turn
      .catch(() => {}) // Told to whoever asked for it.
      .then(() => {
        this.#nextTurn = undefined;
        const turn = this.#chainAll();
        this.#turn = turn;
        return turn;
      });
    return await this.#nextTurn;
  }

  /** @returns how many entries got their place */
  async #chainAll(): Promise<number> {
    const { database } = this.#options;
    const awaited = new Map(this.#awaited);
    const chained = new Map<string, Buffer>();
    const headBefore = this.#head;
    if (await hasUnchained(database)) {
      for (let isMore = true; isMore; ) {
        const batch = await inTransaction(database, (transaction) => this.#chainBatch(transaction));
        for (const { id, contentHash } of batch) chained.set(id, contentHash);
        isMore = batch.length === BATCH;
      }
    }
    await this.#lookForTampering(awaited, chained, headBefore);
    return chained.size;
  }

  async #chainBatch(transaction: Transaction): Promise<Awaited<ReturnType<typeof listUnchained>>> {
    await lockChain(transaction);
    const head = await findHead(transaction);
    const waiting = await listUnchained(transaction, BATCH);
    if (waiting.length === 0) return waiting;
    const links = linkAfter(
      head,
      waiting.map(({ contentHash }) => contentHash),
    );
    await moveToChain(
      transaction,
      links.flatMap((link, place) => {
        const number = waiting[place]?.number;
        return number === undefined ? [] : [{ ...link, number }];
      }),
    );
    return waiting;
  }

  async #lookForTampering(
    awaited: ReadonlyMap<string, UnchainedEntry>,
    chained: ReadonlyMap<string, Buffer>,
    headBefore: ChainHead | undefined,
  ): Promise<void> {
    const { database } = this.#options;
    const unseen = [...awaited.keys()].filter((id) => !chained.has(id));
    // Another process on this database may have given them their place.
    const found = unseen.length === 0 ? new Set<string>() : await listChained(database, unseen);
    const head = await findHead(database);
    const isHeadThere = headBefore === undefined || (await isInChain(database, headBefore));
    if (head !== undefined && (headBefore?.sequence !== head.sequence || !isHeadThere))
      await this.#remember(head);
    this.#head = head;
    for (const id of [...chained.keys(), ...unseen]) this.#awaited.delete(id);
    const tampering: Tampering = {
      missing: unseen.flatMap((id) => (found.has(id) ? [] : (awaited.get(id) ?? []))),
      changed: [...chained].flatMap(([id, contentHash]) => {
        const entry = awaited.get(id);
        return entry === undefined || contentHash.equals(entry.contentHash) ? [] : [entry];
      }),
      lostHead: isHeadThere ? undefined : headBefore,
    };
    if (tampering.missing.length + tampering.changed.length > 0 || tampering.lostHead !== undefined)
      await this.#tell(tampering);
  }

  async #remember(head: ChainHead): Promise<void> {
    try {
      await this.#options.headMemory?.write(head);
    } catch (error) {
      this.#options.log.warn({ err: error }, 'the newest entry of the audit log could not be remembered');
    }
  }

  async #tell({ missing, changed, lostHead }: Tampering): Promise<void> {
    const details = {
      ...(missing.length === 0 ? {} : { missing: missing.length, missingEntries: describe(missing) }),
      ...(changed.length === 0 ? {} : { changed: changed.length, changedEntries: describe(changed) }),
      ...(lostHead === undefined ? {} : { lostSequence: lostHead.sequence }),
    };
    this.#options.log.error(details, 'the audit log was changed behind the server');
    await inTransaction(this.#options.database, async (transaction) => {
      await this.record(
        transaction,
        { kind: 'system', name: 'Holdfast' },
        {
          action: 'audit-log.changed',
          objectKind: 'audit-log',
          objectId: 'audit-log',
          objectName: 'Audit log',
          details,
        },
      );
    });
  }
}

/** The first ones, as far as a person needs it to know what they were. */
function describe(entries: readonly UnchainedEntry[]): string[] {
  return entries
    .slice(0, MAX_NAMED)
    .map(({ content: { action, actorName, objectName } }) => `${action} ${objectName ?? ''} by ${actorName}`);
}
