import type { LogEntry } from '@holdfast/protocol';
import type { StateDatabase } from '../../platform/state-database.ts';
import type { JournalName } from './log-event.ts';

/** An entry before it has a sequence. */
export type NewLogEntry = Omit<LogEntry, 'sequence'>;

export interface JournalState {
  /** Names the journal to the server. */
  readonly id: string;
  /** Of the newest entry that was ever kept; 0 before the first. */
  readonly lastSequence: number;
  /** Highest sequence that a server has acknowledged under this name; 0 before the first time. */
  readonly acknowledged: number;
  readonly entryCount: number;
  readonly entryBytes: number;
  /** Dropped since the last entry that says so. */
  readonly unsaid: JournalLoss | undefined;
  /** Dropped ever. */
  readonly droppedCount: number;
}

export interface JournalLoss {
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

/** All SQL of the journals. The callers hold the transaction. */
export interface JournalStore {
  /** Begins the journal where there is none. */
  begin(name: JournalName, id: string): void;
  find(name: JournalName): JournalState | undefined;
  /** Renames the journal, with its entries and counts, to a name of which no server has anything yet. */
  rename(name: JournalName, id: string): void;
  append(name: JournalName, entry: NewLogEntry, rank: number): void;
  /** Drops the oldest entry of the lowest rank below `rank`, and counts it. False when there is none. */
  dropLeast(name: JournalName, rank: number): boolean;
  /** Drops what is not newer than this, and counts it. */
  dropUpTo(name: JournalName, sequence: number): void;
  /** An entry of this rank is among those that are kept. */
  has(name: JournalName, rank: number): boolean;
  markSaid(name: JournalName): void;
  /** The oldest entries, as many as fit both bounds, and at least one if there is any. */
  listOldest(name: JournalName, maxCount: number, maxBytes: number): LogEntry[];
  /** Remembers what a server says it has. */
  saveAcknowledged(name: JournalName, sequence: number): void;
  /** Forgets what is not newer than this. */
  forgetUpTo(name: JournalName, sequence: number): void;
}

export function createJournalStore({ connection }: StateDatabase): JournalStore {
  const begin = connection.prepare('INSERT INTO log_journal (name, id) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const found = connection.prepare('SELECT * FROM log_journal WHERE name = ?');
  const rename = connection.prepare(
    'UPDATE log_journal SET id = ?, acknowledged_sequence = 0 WHERE name = ?',
  );
  const next = connection.prepare(
    'UPDATE log_journal SET last_sequence = last_sequence + 1 WHERE name = ? RETURNING last_sequence',
  );
  const insert = connection.prepare(
    'INSERT INTO log_entry (journal, sequence, rank, at, body, bytes) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const least = connection.prepare(
    'SELECT sequence, at FROM log_entry WHERE journal = ? AND rank < ? ORDER BY rank, sequence LIMIT 1',
  );
  const removal = connection.prepare('DELETE FROM log_entry WHERE journal = ? AND sequence = ?');
  const loss = connection.prepare(
    `UPDATE log_journal SET dropped_count = dropped_count + ?1, unsaid_count = unsaid_count + ?1,
       unsaid_first_at = min(coalesce(unsaid_first_at, ?2), ?2), unsaid_last_at = max(coalesce(unsaid_last_at, ?3), ?3)
     WHERE name = ?4`,
  );
  const old = connection.prepare(
    'SELECT count(*) AS count, min(at) AS first_at, max(at) AS last_at FROM log_entry WHERE journal = ? AND sequence <= ?',
  );
  const forget = connection.prepare('DELETE FROM log_entry WHERE journal = ? AND sequence <= ?');
  const acknowledgement = connection.prepare(
    'UPDATE log_journal SET acknowledged_sequence = max(acknowledged_sequence, ?) WHERE name = ?',
  );
  const ranked = connection.prepare('SELECT 1 FROM log_entry WHERE journal = ? AND rank = ? LIMIT 1');
  const said = connection.prepare(
    'UPDATE log_journal SET unsaid_count = 0, unsaid_first_at = NULL, unsaid_last_at = NULL WHERE name = ?',
  );
  const oldest = connection.prepare(
    'SELECT sequence, body, bytes FROM log_entry WHERE journal = ? ORDER BY sequence LIMIT ?',
  );
  return {
    begin: (name, id) => {
      begin.run(name, id);
    },
    find: (name) => {
      const row = found.get(name);
      return row === undefined ? undefined : readJournal(row);
    },
    rename: (name, id) => {
      rename.run(id, name);
    },
    append: (name, entry, rank) => {
      const sequence = Number(next.get(name)?.['last_sequence']);
      const body = JSON.stringify(entry);
      insert.run(name, sequence, rank, entry.at, body, Buffer.byteLength(body));
    },
    dropLeast: (name, rank) => {
      const row = least.get(name, rank);
      if (row === undefined) return false;
      const at = Number(row['at']);
      removal.run(name, Number(row['sequence']));
      loss.run(1, at, at, name);
      return true;
    },
    dropUpTo: (name, sequence) => {
      const row = old.get(name, sequence);
      const count = Number(row?.['count'] ?? 0);
      if (count === 0) return;
      loss.run(count, Number(row?.['first_at']), Number(row?.['last_at']), name);
      forget.run(name, sequence);
    },
    has: (name, rank) => ranked.get(name, rank) !== undefined,
    markSaid: (name) => {
      said.run(name);
    },
    listOldest: (name, maxCount, maxBytes) => {
      const entries: LogEntry[] = [];
      let total = 0;
      for (const row of oldest.iterate(name, maxCount)) {
        total += Number(row['bytes']);
        if (entries.length > 0 && total > maxBytes) break;
        // Written by `append` from an entry, and nobody else writes this table.
        const entry = JSON.parse(String(row['body'])) as NewLogEntry;
        entries.push({ sequence: Number(row['sequence']), ...entry });
      }
      return entries;
    },
    saveAcknowledged: (name, sequence) => {
      acknowledgement.run(sequence, name);
    },
    forgetUpTo: (name, sequence) => {
      forget.run(name, sequence);
    },
  };
}

function readJournal(row: Record<string, unknown>): JournalState {
  const unsaidCount = Number(row['unsaid_count']);
  return {
    id: String(row['id']),
    lastSequence: Number(row['last_sequence']),
    acknowledged: Number(row['acknowledged_sequence']),
    entryCount: Number(row['entry_count']),
    entryBytes: Number(row['entry_bytes']),
    unsaid:
      unsaidCount === 0
        ? undefined
        : {
            count: unsaidCount,
            firstAt: Number(row['unsaid_first_at']),
            lastAt: Number(row['unsaid_last_at']),
          },
    droppedCount: Number(row['dropped_count']),
  };
}
