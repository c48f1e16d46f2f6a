import type { JobState } from '@holdfast/api';
import { type RawBuilder, sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/index.ts';

export interface JobRow {
  readonly id: string;
  readonly kind: string;
  readonly state: JobState;
  readonly createdAt: Date;
  readonly requestedBy: string | null;
  readonly runAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly attempts: number;
  readonly maxAttempts: number;
  readonly progressDone: number | null;
  readonly progressTotal: number | null;
  readonly progressText: string | null;
  readonly result: unknown;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
}

export interface JobListQuery {
  readonly state?: JobState | undefined;
  readonly kind?: string | undefined;
  readonly beforeId?: string | undefined;
  readonly limit: number;
}

// What the job was told stays out: it may belong to a part of the directory that the reader does not see.
const JOB = sql`id, kind, state, created_at as "createdAt", requested_by as "requestedBy", run_at as "runAt",
  started_at as "startedAt", finished_at as "finishedAt", attempts, max_attempts as "maxAttempts",
  progress_done as "progressDone", progress_total as "progressTotal", progress_text as "progressText", result,
  error_code as "errorCode", error_message as "errorMessage"`;

/** Newest first; ids grow with time. */
export async function listJobRows(database: Database, query: JobListQuery): Promise<JobRow[]> {
  const conditions: RawBuilder<unknown>[] = [sql`true`];
  if (query.state !== undefined) conditions.push(sql`state = ${query.state}`);
  if (query.kind !== undefined) conditions.push(sql`kind = ${query.kind}`);
  if (query.beforeId !== undefined) conditions.push(sql`id < ${query.beforeId}`);
  const { rows } = await sql<JobRow>`
    select ${JOB} from job where ${sql.join(conditions, sql` and `)} order by id desc limit ${query.limit}
  `.execute(database);
  return rows;
}

export async function findJob(database: Database | Transaction, id: string): Promise<JobRow | undefined> {
  const { rows } = await sql<JobRow>`select ${JOB} from job where id = ${id}`.execute(database);
  return rows[0];
}

/** Locks the job until the transaction ends: its end waits for the decision that is made about it, or comes first. */
export async function lockJob(transaction: Transaction, id: string): Promise<JobRow | undefined> {
  const { rows } = await sql<JobRow>`select ${JOB} from job where id = ${id} for update`.execute(transaction);
  return rows[0];
}

/** The newest job of each kind. */
export async function listLastJobs(database: Database, kinds: readonly string[]): Promise<JobRow[]> {
  const { rows } = await sql<JobRow>`
    select last.* from unnest(${kinds}::text[]) as wanted (kind)
    cross join lateral (select ${JOB} from job where kind = wanted.kind order by id desc limit 1) last
  `.execute(database);
  return rows;
}

/** Of a job that has not begun, or waits for its next attempt. */
export async function cancelWaitingJob(transaction: Transaction, id: string, now: Date): Promise<void> {
  await sql`
    update job set state = 'cancelled', finished_at = ${now}, error_code = null, error_message = null
    where id = ${id}`.execute(transaction);
}

/** Of a job that runs: whoever runs it hears of it with the next renewal of its lease. */
export async function markCancelling(transaction: Transaction, id: string): Promise<void> {
  await sql`update job set state = 'cancelling' where id = ${id}`.execute(transaction);
}

/** Of a job that is not under way: it waits as if it had never been tried. */
export async function renewJob(
  transaction: Transaction,
  job: { readonly id: string; readonly now: Date; readonly requestedBy: string },
): Promise<void> {
  await sql`
    update job set state = 'waiting', run_at = ${job.now}, requested_by = ${job.requestedBy}, attempts = 0,
      started_at = null, finished_at = null, result = null, error_code = null, error_message = null,
      progress_done = null, progress_total = null, progress_text = null
    where id = ${job.id}`.execute(transaction);
}

export async function deleteJob(transaction: Transaction, id: string): Promise<void> {
  await sql`delete from job where id = ${id}`.execute(transaction);
}
