import type { CommandReport } from '@holdfast/protocol';
import type { StateDatabase } from '../../platform/state-database.ts';
import type { OutboxPriority } from './outbox-priority.ts';

export interface OutboxEntry {
  /** Absent: progress, which is in memory alone. */
  readonly sequence?: number;
  readonly bytes: number;
  readonly report: CommandReport;
}

export interface OutboxSize {
  readonly count: number;
  readonly bytes: number;
}

export interface OutboxLoss {
  readonly droppedCount: number;
  readonly lastDroppedAt: number;
}

/** All SQL of the outbox. */
export interface OutboxStore {
  /** Returns false when the same report of the same command is there already. */
  append(report: CommandReport, priority: OutboxPriority, body: string, nowMs: number): boolean;
  /** The oldest entries, as many as fit both bounds, and at least one if there is any. */
  listOldest(maxCount: number, maxBytes: number): OutboxEntry[];
  remove(sequences: readonly number[]): void;
  measure(): OutboxSize;
  /** Drops the oldest entry of this priority. Answers its size, or `undefined` when there is none. */
  dropOldest(priority: OutboxPriority): number | undefined;
  recordLoss(droppedCount: number, nowMs: number): void;
  findLoss(): OutboxLoss | undefined;
}

const SIZE = 'SELECT count(*) AS count, coalesce(sum(bytes), 0) AS bytes FROM outbox';

/** How full the outbox is; the state file may be open for reading only. */
export function readOutboxSize({ connection }: StateDatabase): OutboxSize {
  return readSize(connection.prepare(SIZE).get());
}

function readSize(row: Record<string, unknown> | undefined): OutboxSize {
  return { count: Number(row?.['count'] ?? 0), bytes: Number(row?.['bytes'] ?? 0) };
}

export function createOutboxStore({ connection }: StateDatabase): OutboxStore {
  const insert = connection.prepare(
    `INSERT INTO outbox (command_id, state, priority, body, bytes, created_at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (command_id, state) DO NOTHING`,
  );
  const oldest = connection.prepare('SELECT sequence, bytes, body FROM outbox ORDER BY sequence LIMIT ?');
  const size = connection.prepare(SIZE);
  const removal = connection.prepare('DELETE FROM outbox WHERE sequence = ?');
  const drop = connection.prepare(
    `DELETE FROM outbox WHERE sequence = (SELECT min(sequence) FROM outbox WHERE priority = ?) RETURNING bytes`,
  );
  const loss = connection.prepare(
    `INSERT INTO outbox_loss (id, dropped_count, last_dropped_at) VALUES (1, ?, ?)
     ON CONFLICT (id) DO UPDATE SET dropped_count = dropped_count + excluded.dropped_count,
       last_dropped_at = excluded.last_dropped_at`,
  );
  const foundLoss = connection.prepare('SELECT dropped_count, last_dropped_at FROM outbox_loss');
  return {
    append: (report, priority, body, nowMs) => {
      const bytes = Buffer.byteLength(body);
      return insert.run(report.commandId, report.state, priority, body, bytes, nowMs).changes === 1;
    },
    listOldest: (maxCount, maxBytes) => {
      const entries: OutboxEntry[] = [];
      let total = 0;
      for (const row of oldest.iterate(maxCount)) {
        const bytes = Number(row['bytes']);
        total += bytes;
        if (entries.length > 0 && total > maxBytes) break;
        // Written by `append` from a report, and nobody else writes this table.
        const report = JSON.parse(String(row['body'])) as CommandReport;
        entries.push({ sequence: Number(row['sequence']), bytes, report });
      }
      return entries;
    },
    remove: (sequences) => {
      for (const sequence of sequences) removal.run(sequence);
    },
    measure: () => readSize(size.get()),
    dropOldest: (priority) => {
      const row = drop.get(priority);
      return row === undefined ? undefined : Number(row['bytes']);
    },
    recordLoss: (droppedCount, nowMs) => {
      loss.run(droppedCount, nowMs);
    },
    findLoss: () => {
      const row = foundLoss.get();
      if (row === undefined) return undefined;
      return { droppedCount: Number(row['dropped_count']), lastDroppedAt: Number(row['last_dropped_at']) };
    },
  };
}
