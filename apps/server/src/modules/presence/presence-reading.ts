import type { Presence } from '@holdfast/api';
import { reasonOf, statusOf } from './presence-code.ts';
import type { PresenceTable } from './presence-table.ts';

/** A row of the table as people are told it. A product that is not known is offline and was never seen. */
export function readPresence(table: PresenceTable, number: number): Presence {
  const { columns } = table;
  const isKnown = table.isKnown(number);
  return {
    status: isKnown ? statusOf(columns.status[number] ?? 0) : 'offline',
    reason: isKnown ? reasonOf(columns.reason[number] ?? 0) : 'never-seen',
    lastSeenAt: toInstant(columns.lastSeenAt[number]),
    changedAt: toInstant(columns.changedAt[number]),
  };
}

function toInstant(atMs: number | undefined): string | null {
  return atMs === undefined || atMs === 0 ? null : new Date(atMs).toISOString();
}
