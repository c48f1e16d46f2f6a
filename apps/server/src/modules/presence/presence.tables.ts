import type { PresenceStatus } from '@holdfast/api';
import type { ColumnType, Generated } from 'kysely';
import type { Immutable } from '../../platform/database/schema.ts';

/** The last known life of each product; the truth is in memory, and this is at most about a second behind it. */
export interface ProductPresenceTable {
  readonly product_number: Immutable<number>;
  readonly status: Generated<PresenceStatus>;
  readonly reason: Generated<string>;
  readonly last_seen_at: Date | null;
  readonly changed_at: Date | null;
  readonly epoch: Generated<number>;
  readonly last_sequence: Generated<number>;
  readonly service_state: Generated<'unknown' | 'running' | 'stopped'>;
  readonly interval_ms: Generated<number>;
  readonly activity: ColumnType<unknown, string | undefined, string>;
  readonly told_status: string | null;
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    product_presence: ProductPresenceTable;
  }
}
