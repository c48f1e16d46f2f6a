import { sql } from 'kysely';
import type { Database, Transaction } from '../database/database.ts';
import type { ScheduleState } from './job-schedule.ts';

export interface StoredSchedule {
  readonly kind: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly state: ScheduleState;
  readonly pausedAt: Date | null;
  readonly pausedBy: string | null;
}

interface ScheduleRow {
  readonly kind: string;
  readonly cron: string;
  readonly time_zone: string;
  readonly next_run_at: Date | null;
  readonly settled_until: Date;
  readonly paused_at: Date | null;
  readonly paused_by: string | null;
}

export async function listSchedules(database: Database, kinds: readonly string[]): Promise<StoredSchedule[]> {
  const { rows } = await sql<ScheduleRow>`
    select * from job_schedule where kind = any(${kinds}) order by kind`.execute(database);
  return rows.map(toSchedule);
}

/** Locks the row until the transaction ends; one that another process looks at is left to it. */
export async function lockSchedule(
  transaction: Transaction,
  kind: string,
  options: { readonly isPatient: boolean },
): Promise<StoredSchedule | undefined> {
  const { rows } = await sql<ScheduleRow>`
    select * from job_schedule where kind = ${kind} for update ${options.isPatient ? sql`` : sql`skip locked`}
  `.execute(transaction);
  return rows[0] && toSchedule(rows[0]);
}

export async function saveSchedule(transaction: Transaction, schedule: StoredSchedule): Promise<void> {
  const { nextRunAtMs, settledUntilMs } = schedule.state;
  const values = {
    cron: schedule.cron,
    time_zone: schedule.timeZone,
    next_run_at: nextRunAtMs === null ? null : new Date(nextRunAtMs),
    settled_until: new Date(settledUntilMs),
    paused_at: schedule.pausedAt,
    paused_by: schedule.pausedBy,
  };
  await transaction
    .insertInto('job_schedule')
    .values({ kind: schedule.kind, ...values })
    .onConflict((conflict) => conflict.column('kind').doUpdateSet(values))
    .execute();
}

function toSchedule(row: ScheduleRow): StoredSchedule {
  return {
    kind: row.kind,
    cron: row.cron,
    timeZone: row.time_zone,
    state: {
      nextRunAtMs: row.next_run_at?.getTime() ?? null,
      settledUntilMs: row.settled_until.getTime(),
    },
    pausedAt: row.paused_at,
    pausedBy: row.paused_by,
  };
}
