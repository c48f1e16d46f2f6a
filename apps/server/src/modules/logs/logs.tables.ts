import type { Generated } from 'kysely';
import type { Immutable } from '../../platform/database/schema.ts';

export interface LogEntryTable {
  readonly received_at: Immutable<Date>;
  readonly id: Generated<number>;
  readonly product_number: Immutable<number>;
  readonly journal: Immutable<string | null>;
  readonly sequence: Immutable<number | null>;
  readonly occurred_at: Immutable<Date>;
  readonly type: Immutable<string>;
  readonly severity: Immutable<number>;
  readonly text: string;
  readonly facts: unknown;
}

export interface LogJournalTable {
  readonly product_number: Immutable<number>;
  readonly journal: Immutable<string>;
  readonly last_sequence: number;
  readonly last_received_at: Date;
}

export interface LogAllowanceTable {
  readonly product_number: Immutable<number>;
  /** As the database writes it: `2026-11-22`. */
  readonly day: string;
  readonly entry_count: number;
  readonly byte_count: number;
  readonly notice_received_at: Date | null;
  readonly notice_id: number | null;
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    log_entry: LogEntryTable;
    log_journal: LogJournalTable;
    log_allowance: LogAllowanceTable;
  }
}
