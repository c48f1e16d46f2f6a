import { type RawBuilder, sql } from 'kysely';
import type { Database, Transaction } from '../database/database.ts';
import type { JobResult } from './jobs.ts';

export interface NewJob {
  readonly id: string;
  readonly kind: string;
  readonly payload: unknown;
  readonly uniqueKey: string | null;
  readonly requestedBy: string | null;
  readonly createdAt: Date;
  readonly runAt: Date;
  readonly maxAttempts: number;
}

/** A job that this process may work on, for as long as it renews its lease. */
export interface ClaimedJob {
  readonly id: string;
  readonly kind: string;
  readonly payload: unknown;
  readonly attempts: number;
  readonly maxAttempts: number;
  readonly leaseToken: string;
}

export interface JobFailure {
  readonly code: string;
  readonly message: string;
}

/** How an attempt ended. `waiting`: it was given back and does not count. */
export type JobEnd =
  | { readonly state: 'succeeded'; readonly result: JobResult | null }
  | { readonly state: 'cancelled' }
  | { readonly state: 'failed'; readonly runAt: Date; readonly failure: JobFailure }
  | { readonly state: 'dead'; readonly failure: JobFailure }
  | { readonly state: 'waiting' };

export interface StoredProgress {
  readonly done: number;
  readonly total: number | null;
  readonly text: string | null;
}

/** A lease as it stands, of a job that is under way. */
export interface StoredLease {
  readonly id: string;
  readonly kind: string;
  readonly token: string;
  readonly renewals: number;
  readonly attempts: number;
  readonly maxAttempts: number;
}

const IS_UNDER_WAY = sql`state in ('running', 'cancelling')`;

/** False when an unfinished job of the kind has the same key. */
export async function insertJob(transaction: Transaction, job: NewJob): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into job (id, kind, payload, unique_key, state, requested_by, created_at, run_at, max_attempts)
    values (${job.id}, ${job.kind}, ${JSON.stringify(job.payload)}, ${job.uniqueKey}, 'waiting', ${job.requestedBy},
      ${job.createdAt}, ${job.runAt}, ${job.maxAttempts})
    on conflict (kind, unique_key) where finished_at is null and unique_key is not null do nothing
  `.execute(transaction);
  return (numAffectedRows ?? 0n) > 0n;
}

/**
 * Has a waiting job run as soon as possible.
 *
 * @returns its id; undefined when there is none, or it runs already
 */
export async function bringForward(
  transaction: Transaction,
  job: {
    readonly kind: string;
    readonly uniqueKey: string;
    readonly now: Date;
    readonly requestedBy?: string;
  },
): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    update job set state = 'waiting', run_at = ${job.now}, requested_by = coalesce(${job.requestedBy ?? null}, requested_by)
    where kind = ${job.kind} and unique_key = ${job.uniqueKey} and state in ('waiting', 'failed')
    returning id
  `.execute(transaction);
  return rows[0]?.id;
}

/**
 * Of a clock that has gone back: what was to run as soon as possible by it, or failed by it, does not wait for that time again.
 *
 * @param latestRetry a failed job does not wait for longer
 */
export async function pullForward(
  database: Database,
  { now, latestRetry }: { readonly now: Date; readonly latestRetry: Date },
): Promise<void> {
  await sql`
    update job set run_at = ${now} where run_at > ${now} and ((state = 'waiting' and run_at = created_at)
      or (state = 'failed' and (started_at > ${now} or run_at > ${latestRetry})))
  `.execute(database);
}

/** Takes due jobs, of each kind as many as there is room for. Rows that another process is taking at this moment are passed over. */
export async function claimDueJobs(
  database: Database,
  query: { readonly rooms: ReadonlyMap<string, number>; readonly now: Date },
): Promise<ClaimedJob[]> {
  const { rooms, now } = query;
  const { rows } = await sql<ClaimedJob>`
    with due as (
      select picked.id from unnest(${[...rooms.keys()]}::text[], ${[...rooms.values()]}::int[]) as wanted (kind, room)
      cross join lateral (
        select id from job where kind = wanted.kind and state in ('waiting', 'failed') and run_at <= ${now}
        order by run_at, id limit wanted.room for update skip locked
      ) picked
    )
    update job set state = 'running', attempts = attempts + 1, lease_token = gen_random_uuid(), lease_renewals = 0,
      started_at = ${now}, progress_done = null, progress_total = null, progress_text = null
    from due where job.id = due.id
    returning job.id, kind, payload, attempts, max_attempts as "maxAttempts", lease_token as "leaseToken"
  `.execute(database);
  return rows;
}

/**
 * Renews leases and writes progress.
 *
 * @returns the leases that still hold, with whether somebody wants the job cancelled. A row that is locked at this moment is not
 *   waited for: whoever locks it holds the lease.
 */
export async function renewLeases(
  database: Database,
  held: readonly { readonly token: string; readonly id: string; readonly progress: StoredProgress | null }[],
): Promise<ReadonlyMap<string, { readonly isCancelled: boolean }>> {
  const { rows } = await sql<{ token: string; is_cancelled: boolean }>`
    with mine as (
      select * from unnest(${held.map(({ id }) => id)}::uuid[], ${held.map(({ token }) => token)}::uuid[],
        ${held.map(({ progress }) => progress?.done ?? null)}::bigint[],
        ${held.map(({ progress }) => progress?.total ?? null)}::bigint[],
        ${held.map(({ progress }) => progress?.text ?? null)}::text[]) as mine (id, token, done, total, text)
    ), free as (
      select job.id from job join mine on mine.id = job.id and mine.token = job.lease_token
      where ${IS_UNDER_WAY} for no key update of job skip locked
    ), renewed as (
      update job set lease_renewals = lease_renewals + 1, progress_done = mine.done, progress_total = mine.total,
        progress_text = mine.text
      from mine join free on free.id = mine.id where job.id = mine.id
    )
    select job.lease_token as token, job.state = 'cancelling' as is_cancelled
    from job join mine on mine.id = job.id and mine.token = job.lease_token where ${IS_UNDER_WAY}
  `.execute(database);
  return new Map(rows.map((row) => [row.token, { isCancelled: row.is_cancelled }]));
}

/** Leases of these kinds that are held by others than the named ones. */
export async function listOtherLeases(
  database: Database,
  query: { readonly kinds: readonly string[]; readonly ownTokens: readonly string[] },
): Promise<StoredLease[]> {
  const { rows } = await sql<StoredLease>`
    select id, kind, lease_token as token, lease_renewals as renewals, attempts, max_attempts as "maxAttempts"
    from job where ${IS_UNDER_WAY} and kind = any(${query.kinds}) and lease_token <> all(${query.ownTokens}::uuid[])
  `.execute(database);
  return rows;
}

/**
 * Writes how an attempt ended, if it still holds the job. Whatever was to be cancelled and did not succeed is cancelled.
 *
 * @returns the state of the job from now on; undefined when the lease is another's by now, or the job had ended already
 */
export async function endAttempt(
  database: Database | Transaction,
  lease: {
    readonly id: string;
    readonly token: string;
    /** Of a worker that is gone: nothing was heard of it since this renewal. */
    readonly renewals?: number;
    readonly progress?: StoredProgress | null;
  },
  end: JobEnd,
  now: Date,
): Promise<JobEnd['state'] | undefined> {
  const isCancelled = end.state === 'succeeded' ? sql`false` : sql`state = 'cancelling'`;
  const isOver = end.state === 'failed' || end.state === 'waiting' ? isCancelled : sql`true`;
  const failure = 'failure' in end ? end.failure : null;
  const unlessCancelled = (value: string | null): RawBuilder<unknown> =>
    sql`case when ${isCancelled} then null else ${value}::text end`;
  const { rows } = await sql<{ state: JobEnd['state'] }>`
    update job set
      state = case when ${isCancelled} then 'cancelled' else ${end.state} end,
      finished_at = case when ${isOver} then ${now}::timestamptz end,
      attempts = attempts - ${end.state === 'waiting' ? 1 : 0},
      run_at = coalesce(${end.state === 'failed' ? end.runAt : null}::timestamptz, run_at),
      result = ${end.state === 'succeeded' && end.result !== null ? JSON.stringify(end.result) : null}::jsonb,
      error_code = ${unlessCancelled(failure?.code ?? null)},
      error_message = ${unlessCancelled(failure?.message ?? null)}
      ${setProgress(lease.progress)}
    where id = ${lease.id} and lease_token = ${lease.token} and ${IS_UNDER_WAY}
      ${lease.renewals === undefined ? sql`` : sql`and lease_renewals = ${lease.renewals}`}
    returning state
  `.execute(database);
  return rows[0]?.state;
}

function setProgress(progress: StoredProgress | null | undefined): RawBuilder<unknown> {
  if (progress === null || progress === undefined) return sql``;
  const { done, total, text } = progress;
  return sql`, progress_done = ${done}, progress_total = ${total}, progress_text = ${text}`;
}

/** Locks the job until the transaction ends. False when the lease is another's by now, or the job has ended. */
export async function lockLease(
  transaction: Transaction,
  lease: { readonly id: string; readonly token: string },
): Promise<boolean> {
  const { rows } = await sql`
    select 1 from job where id = ${lease.id} and lease_token = ${lease.token} and ${IS_UNDER_WAY} for no key update
  `.execute(transaction);
  return rows.length > 0;
}

/** Whether this very attempt succeeded. */
export async function hasSucceeded(
  database: Database,
  lease: { readonly id: string; readonly token: string },
): Promise<boolean> {
  const { rows } = await sql`
    select 1 from job where id = ${lease.id} and lease_token = ${lease.token} and state = 'succeeded'
  `.execute(database);
  return rows.length > 0;
}

/** What waits although it is due: how many, and since when the oldest. */
export async function countOverdueJobs(
  database: Database,
  now: Date,
): Promise<{ readonly count: number; readonly oldestAt: Date | null }> {
  const { rows } = await sql<{ count: number; oldestAt: Date | null }>`
    select count(*) as count, min(run_at) as "oldestAt" from job
    where state in ('waiting', 'failed') and run_at <= ${now}
  `.execute(database);
  return rows[0] ?? { count: 0, oldestAt: null };
}

/** @returns how many were deleted, at most `limit` */
export async function deleteFinishedJobs(
  database: Database,
  before: { readonly finishedAt: Date; readonly deadAt: Date },
  limit: number,
): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from job where id in (
      select id from job where finished_at < ${before.finishedAt} and (state <> 'dead' or finished_at < ${before.deadAt})
      order by finished_at limit ${limit} for update skip locked)
  `.execute(database);
  return Number(numAffectedRows ?? 0n);
}
