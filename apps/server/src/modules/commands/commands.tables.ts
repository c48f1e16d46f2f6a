import type { CommandState } from '@holdfast/api';
import type { ColumnType } from 'kysely';
import type { Immutable, JsonColumn } from '../../platform/database/schema.ts';

type Counter = ColumnType<number, number | undefined, number>;

export interface CommandTable {
  readonly id: Immutable<string>;
  readonly type: Immutable<string>;
  readonly title: Immutable<string>;
  readonly parameters: ColumnType<unknown, string, never>;
  readonly target_text: Immutable<string>;
  readonly issued_at: Immutable<Date>;
  readonly issuer_kind: Immutable<'administrator' | 'api-key' | 'system'>;
  readonly issuer_id: Immutable<string>;
  readonly issuer_name: Immutable<string>;
  readonly expires_at: Immutable<Date>;
  readonly next_expiry_at: Date | null;
  readonly idempotency_key: string | null;
  readonly is_urgent: Immutable<boolean>;
  readonly repeats_id: string | null;
  readonly removed_at: Date | null;
  readonly queued_count: Counter;
  readonly delivered_count: Counter;
  readonly accepted_count: Counter;
  readonly running_count: Counter;
  readonly cancelling_count: Counter;
  readonly succeeded_count: Counter;
  readonly failed_count: Counter;
  readonly expired_count: Counter;
  readonly cancelled_count: Counter;
}

export interface CommandTargetTable {
  readonly command_id: Immutable<string>;
  readonly product_number: Immutable<number>;
  readonly id: Immutable<string>;
  readonly device_id: Immutable<string>;
  readonly device_name: Immutable<string>;
  readonly state: CommandState;
  readonly code: string | null;
  readonly detail: string;
  readonly steps: JsonColumn;
  readonly result: ColumnType<unknown, string | null, string | null>;
  readonly progress_percent: number | null;
  readonly progress_text: string | null;
  readonly progress_at: Date | null;
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    command: CommandTable;
    command_target: CommandTargetTable;
  }
}
