import type { Schedule } from '@holdfast/api';
import type { Generated } from 'kysely';
import type { Database, Transaction } from '../../platform/database/index.ts';
import type { DownloadSchedule } from './download-schedule.ts';

export interface ComponentScheduleTable {
  readonly is_only: Generated<boolean>;
  readonly is_enabled: boolean;
  readonly every_minutes: number;
  readonly start_time: string | null;
  readonly hours: unknown;
  readonly last_at: Date | null;
  readonly revision: number;
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    component_schedule: ComponentScheduleTable;
  }
}

export interface ScheduleRecord extends DownloadSchedule {
  readonly lastAt: Date | null;
  readonly revision: number;
}

/** Undefined as long as nothing was said and nothing begun. */
export async function readSchedule(db: Database): Promise<ScheduleRecord | undefined> {
  const row = await db.selectFrom('component_schedule').selectAll().executeTakeFirst();
  return (
    row && {
      isEnabled: row.is_enabled,
      everyMinutes: row.every_minutes,
      startTime: row.start_time,
      // Written by this module, from a body that the contract had checked.
      hours: row.hours as Schedule | null,
      lastAt: row.last_at,
      revision: row.revision,
    }
  );
}

export async function putSchedule(transaction: Transaction, record: ScheduleRecord): Promise<void> {
  const values = {
    is_enabled: record.isEnabled,
    every_minutes: record.everyMinutes,
    start_time: record.startTime,
    hours: record.hours === null ? null : JSON.stringify(record.hours),
    last_at: record.lastAt,
    revision: record.revision,
  };
  await transaction
    .insertInto('component_schedule')
    .values(values)
    .onConflict((conflict) => conflict.column('is_only').doUpdateSet(values))
    .execute();
}

/** One has begun by itself at this moment. */
export async function markScheduled(
  transaction: Transaction,
  record: ScheduleRecord,
  now: Date,
): Promise<void> {
  await putSchedule(transaction, { ...record, lastAt: now });
}
