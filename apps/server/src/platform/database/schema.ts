import type { ColumnType, Generated } from 'kysely';

/** A column that is given at insert and never changes afterwards. */
export type Immutable<Value> = ColumnType<Value, Value, never>;

/** A value as JSON knows it. Parse it where it is read: the database promises its shape to nobody. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A `jsonb` column: read as parsed JSON (`unknown` until parsed), written as text made by `JSON.stringify`. */
export type JsonColumn = ColumnType<unknown, string, string>;

/** Who did something. `system` is this server itself. */
export interface AuditEntryTable {
  readonly id: Immutable<string>;
  /** Dense order of writing, given by the database. */
  readonly seq: Generated<number>;
  readonly occurred_at: Immutable<Date>;
  readonly actor_kind: Immutable<'administrator' | 'api-key' | 'product' | 'system' | 'anonymous'>;
  readonly actor_id: Immutable<string | null>;
  readonly actor_name: Immutable<string>;
  readonly action: Immutable<string>;
  readonly object_kind: Immutable<string | null>;
  readonly object_id: Immutable<string | null>;
  readonly object_name: Immutable<string | null>;
  /** The group whose administrators may see the entry; null: only those who see everything. */
  readonly scope_group_id: Immutable<string | null>;
  readonly details: ColumnType<unknown, string, never>;
  readonly request_id: Immutable<string | null>;
  readonly remote_address: Immutable<string | null>;
  readonly previous_hash: Immutable<Buffer | null>;
  readonly entry_hash: Immutable<Buffer>;
}

export interface JobTable {
  readonly id: Immutable<string>;
  readonly kind: Immutable<string>;
  readonly payload: ColumnType<unknown, string, never>;
  /** At most one unfinished job of a kind carries the same key. */
  readonly unique_key: Immutable<string | null>;
  readonly state: 'waiting' | 'running' | 'cancelling' | 'failed' | 'succeeded' | 'cancelled' | 'dead';
  readonly requested_by: string | null;
  readonly created_at: Immutable<Date>;
  readonly run_at: Date;
  readonly attempts: Generated<number>;
  readonly max_attempts: number;
  /** Names the attempt that holds the job, or held it last. */
  readonly lease_token: ColumnType<string | null, string | null | undefined, string | null>;
  readonly lease_renewals: Generated<number>;
  readonly started_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
  readonly finished_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
  readonly progress_done: ColumnType<number | null, number | null | undefined, number | null>;
  readonly progress_total: ColumnType<number | null, number | null | undefined, number | null>;
  readonly progress_text: ColumnType<string | null, string | null | undefined, string | null>;
  readonly result: ColumnType<unknown, string | null | undefined, string | null>;
  readonly error_code: ColumnType<string | null, string | null | undefined, string | null>;
  readonly error_message: ColumnType<string | null, string | null | undefined, string | null>;
}

export interface JobScheduleTable {
  readonly kind: Immutable<string>;
  readonly cron: string;
  readonly time_zone: string;
  readonly next_run_at: Date | null;
  /** Every moment of the schedule up to here is done with. */
  readonly settled_until: Date;
  readonly paused_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
  readonly paused_by: ColumnType<string | null, string | null | undefined, string | null>;
}

export interface SettingTable {
  readonly key: Immutable<string>;
  readonly value: JsonColumn;
  readonly revision: number;
  readonly changed_at: Date;
  readonly changed_by: string | null;
}

export interface SchemaMigrationTable {
  readonly number: Immutable<number>;
  readonly name: Immutable<string>;
  readonly checksum: Immutable<string>;
  readonly applied_at: Immutable<Date>;
  readonly duration_ms: Immutable<number>;
}

/**
 * All tables, as Kysely sees them. The platform's own stand here; a module adds its tables in its own
 * `x.tables.ts`, so that the platform knows no module:
 *
 * ```ts
 * declare module '../../platform/database/schema.ts' {
 *   interface Schema {
 *     directory_group: DirectoryGroupTable;
 *   }
 * }
 * ```
 */
export interface Schema {
  audit_entry: AuditEntryTable;
  job: JobTable;
  job_schedule: JobScheduleTable;
  setting: SettingTable;
  schema_migration: SchemaMigrationTable;
}
