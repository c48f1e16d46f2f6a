import type { Clock } from '@holdfast/kernel';
import { limits, type LogEntry, severities } from '@holdfast/protocol';
import { type StateDatabase, withinTransaction } from '../../platform/state-database.ts';
import { createJournalStore, type JournalState, type NewLogEntry } from './journal.store.ts';
import { type JournalName, journalNames, logEvents } from './log-event.ts';

export interface JournalBounds {
  readonly maxCount: number;
  readonly maxBytes: number;
}

/** Enough for a month without a server, and together with the outbox far below the bound of the state file. */
export const defaultJournalBounds: Readonly<Record<JournalName, JournalBounds>> = {
  security: { maxCount: 5_000, maxBytes: 4_194_304 },
  general: { maxCount: 10_000, maxBytes: 8_388_608 },
};

/** Less than the protocol allows: a batch is held in memory as a whole, and an agent should need little. */
const MAX_BATCH_BYTES = 131_072;
/** Above every severity: the entry that says what was dropped is not dropped itself. */
const LOSS_RANK = severities.length;

/** Entries that are sent in one call. */
export interface JournalBatch {
  readonly name: JournalName;
  readonly id: string;
  /** Highest sequence that a server has acknowledged. */
  readonly acknowledged: number;
  readonly entries: readonly LogEntry[];
}

/**
 * Invariants: an entry is on disk when `append` returns or with the transaction around it. It is forgotten when the server has
 * acknowledged it, or dropped because the journal is full, and then `log-entries-dropped` counts it. A sequence is given once.
 */
export interface Journals {
  append(name: JournalName, entry: NewLogEntry): void;
  /** The oldest entries of a journal that fit one call; `undefined` when nothing waits. */
  nextBatch(name: JournalName): JournalBatch | undefined;
  /** Forgets what the server says it has. */
  acknowledge(batch: JournalBatch, acknowledged: number): void;
  /** Forgets what no server will ever take. That is no acknowledgement: the server has none of it. */
  giveUp(batch: JournalBatch, sequence: number): void;
  /** Of all journals, for a heartbeat. */
  countWaiting(): number;
}

export interface JournalsOptions {
  readonly database: StateDatabase;
  readonly clock: Clock;
  /** UUID for a new journal. */
  readonly createId: () => string;
  readonly bounds?: Readonly<Record<JournalName, JournalBounds>>;
}

export function createJournals({
  database,
  clock,
  createId,
  bounds = defaultJournalBounds,
}: JournalsOptions): Journals {
  const store = createJournalStore(database);
  withinTransaction(database, () => {
    for (const name of journalNames) store.begin(name, createId());
  });
  /** What earlier processes have kept; see `acknowledge`. */
  const inherited = new Map(journalNames.map((name) => [name, getJournal(name).lastSequence]));

  function getJournal(name: JournalName): JournalState {
    const journal = store.find(name);
    // Both were begun above, and an enrolment that removes them is made by a process that ends.
    if (journal === undefined) throw new TypeError(`There is no journal ${name}`);
    return journal;
  }

  const trim = (name: JournalName): void => {
    const { maxCount, maxBytes } = bounds[name];
    for (;;) {
      const { entryCount, entryBytes } = getJournal(name);
      if (entryCount <= maxCount && entryBytes <= maxBytes) return;
      if (!store.dropLeast(name, LOSS_RANK)) return;
    }
  };

  /** One at a time: while one waits, further losses are counted for the next. */
  const sayLoss = (name: JournalName): void => {
    const { unsaid } = getJournal(name);
    if (unsaid === undefined || store.has(name, LOSS_RANK)) return;
    const { severity, text } = logEvents['log-entries-dropped'];
    const facts = { ...unsaid };
    store.append(name, { at: clock.now(), type: 'log-entries-dropped', severity, text, facts }, LOSS_RANK);
    store.markSaid(name);
  };

  return {
    append: (name, entry) =>
      withinTransaction(database, () => {
        store.append(name, entry, severities.indexOf(entry.severity));
        trim(name);
      }),
    nextBatch: (name) => {
      if (getJournal(name).unsaid !== undefined) withinTransaction(database, () => sayLoss(name));
      const { id, acknowledged, entryCount } = getJournal(name);
      if (entryCount === 0) return undefined;
      const entries = store.listOldest(name, limits.maxLogEntriesPerCall, MAX_BATCH_BYTES);
      return { name, id, acknowledged, entries };
    },
    acknowledge: ({ name, id }, acknowledged) =>
      withinTransaction(database, () => {
        const journal = getJournal(name);
        if (journal.id !== id) return;
        if (acknowledged <= journal.lastSequence) {
          store.saveAcknowledged(name, acknowledged);
          store.forgetUpTo(name, acknowledged);
          return;
        }
        // The server has entries of this journal that this state file has never seen: it is an older copy, and its sequences were
        // used twice. What this process has written moves to a new name; for the rest, nobody knows what the server has.
        store.dropUpTo(name, inherited.get(name) ?? 0);
        store.rename(name, createId());
      }),
    giveUp: ({ name, id }, sequence) =>
      withinTransaction(database, () => {
        if (getJournal(name).id === id) store.forgetUpTo(name, sequence);
      }),
    countWaiting: () => journalNames.reduce((sum, name) => sum + getJournal(name).entryCount, 0),
  };
}
