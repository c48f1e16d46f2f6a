import type { ColumnType, Generated } from 'kysely';
import type { Immutable } from '../../platform/database/schema.ts';

export interface NoteTable {
  readonly id: Immutable<string>;
  readonly device_id: Immutable<string>;
  readonly text: string;
  readonly created_at: Immutable<Date>;
  readonly created_by: Immutable<string>;
  readonly author_kind: Immutable<string>;
  readonly author_id: Immutable<string>;
  readonly changed_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
  readonly changed_by: ColumnType<string | null, string | null | undefined, string | null>;
  readonly revision: Generated<number>;
  readonly removed_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
  readonly removed_by_kind: ColumnType<string | null, never, string | null>;
  readonly removed_by_id: ColumnType<string | null, never, string | null>;
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    note: NoteTable;
  }
}
