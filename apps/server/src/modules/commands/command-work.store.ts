import type { CommandState } from '@holdfast/api';
import { limits } from '@holdfast/protocol';
import { type RawBuilder, sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/index.ts';
import type { StoredProgress } from './command-progress.ts';
import {
  isBeingCancelled,
  PROGRESS_COLUMNS,
  type ProgressColumns,
  readProgress,
} from './command-sql.store.ts';
import type { CommandStep } from './command-state.ts';
import type { EndingTarget } from './commands.events.ts';

// What is left fails with the next call.
const MAX_FAILED_AT_ONCE = 1_000;

/** What a product has to fetch. */
export interface ClaimedRow {
  readonly id: string;
  readonly type: string;
  readonly parameters: Record<string, unknown>;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  readonly state: 'queued' | 'delivered';
}

interface FoundRow extends ClaimedRow {
  readonly productNumber: number;
  readonly isSupported: boolean;
  readonly is_urgent: boolean;
}

/** In idle hours of the product's group only what is urgent is handed out. */
export type ClaimHours = 'working' | 'idle';

/** A target that reports are about, locked. */
export interface ReportedRow extends EndingTarget {
  readonly state: CommandState;
  readonly code: string | null;
  readonly detail: string;
  readonly steps: readonly CommandStep[];
  readonly result: Record<string, unknown> | null;
  readonly progress: StoredProgress | null;
  /** Nothing has begun and it is about to be cancelled. */
  readonly isBeingCancelled: boolean;
}

/** Who asks for commands. */
export interface Asking {
  readonly productNumber: number;
  readonly hours: ClaimHours;
  /** So many at most. */
  readonly limit: number;
}

/** Products that ask at the same time, each once. */
const askedBy = (asking: readonly Asking[]): RawBuilder<unknown> => sql`
  unnest(${asking.map(({ productNumber }) => productNumber)}::bigint[], ${asking.map(({ limit }) => limit)}::bigint[],
    ${asking.map(({ hours }) => hours === 'idle')}::boolean[]) as a (product_number, most, is_idle)`;

/** What waits for a product. */
export interface WaitingWork {
  readonly hasCommands: boolean;
  /** Commands that it is to end. */
  readonly cancelIds: readonly string[];
}

/**
 * One cheap query, because most products ask when nothing waits. What is to end is handed out at all hours, and first.
 *
 * @returns by product, for those for which something waits
 */
export async function findWaitingWork(
  database: Database,
  asking: readonly Asking[],
): Promise<ReadonlyMap<number, WaitingWork>> {
  const { rows } = await sql<{ productNumber: number; id: string; state: CommandState }>`
    select a.product_number as "productNumber", w.id, w.state from ${askedBy(asking)} cross join lateral (
      select t.command_id as id, t.state from command_target t
      where t.product_number = a.product_number and t.state in ('queued', 'delivered', 'cancelling')
        and (not a.is_idle or t.state = 'cancelling' or exists (
          select 1 from command c where c.id = t.command_id and c.is_urgent))
      -- What is to end comes first in the alphabet too.
      order by t.state limit ${sql.lit(limits.maxCommandsPerClaim + 1)}
    ) w`.execute(database);
  return mapProducts(rows, (found) => {
    const cancelIds = found.flatMap((row) => (row.state === 'cancelling' ? [row.id] : []));
    return {
      // Where what is to end fills the look, there may be more.
      hasCommands: found.length > Math.min(cancelIds.length, limits.maxCommandsPerClaim),
      cancelIds: cancelIds.slice(0, limits.maxCommandsPerClaim),
    };
  });
}

/** What the rows of each product come to. */
function mapProducts<Row extends { readonly productNumber: number }, Result>(
  rows: readonly Row[],
  read: (rows: readonly Row[]) => Result,
): ReadonlyMap<number, Result> {
  const byProduct = Map.groupBy(rows, ({ productNumber }) => productNumber);
  return new Map([...byProduct].map(([productNumber, found]) => [productNumber, read(found)]));
}

/** The product says now that it knows the command, whatever it said when the order was given. */
const isSupported = sql`jsonb_exists(p.capabilities -> 'commands', c.type)`;

export interface Claim {
  readonly asking: readonly Asking[];
  readonly now: Date;
  /** For those that are handed out for the first time. */
  readonly delivered: CommandStep;
}

export interface Claimed {
  readonly rows: readonly ClaimedRow[];
  /** Something waits that the product does not know any more. */
  readonly isAnyUnsupported: boolean;
}

/** What the product can still begin. */
const waitingFor = (productNumber: RawBuilder<unknown>, now: Date): RawBuilder<unknown> => sql`
  from command_target t join command c on c.id = t.command_id join managed_product p on p.number = t.product_number
  where t.product_number = ${productNumber} and t.state in ('queued', 'delivered') and c.expires_at > ${now}
    and not ${isBeingCancelled}`;

/**
 * Takes what products have not accepted yet: what is urgent first, then the oldest. A second call of a product that
 * comes while the first is under way skips what that one holds, instead of waiting for it.
 *
 * One statement, all of it or nothing: a round trip to the database costs more than the work itself.
 *
 * @returns by product, for those for which something waits
 */
export async function claimTargets(
  database: Database,
  { asking, now, delivered }: Claim,
): Promise<ReadonlyMap<number, Claimed>> {
  const waiting = waitingFor(sql`a.product_number`, now);
  const { rows } = await sql<FoundRow>`
    with claimed as (
      select w.* from ${askedBy(asking)} cross join lateral (
        select t.product_number, c.id, c.type, c.parameters, c.issued_at, c.expires_at, c.is_urgent, t.state ${waiting}
          and ${isSupported} and (c.is_urgent or not a.is_idle)
        order by c.is_urgent desc, t.command_id limit a.most for update of t skip locked
      ) w
    ), delivered as (
      update command_target t set state = ${delivered.state}, steps = t.steps || ${JSON.stringify([delivered])}::jsonb
      from claimed where t.product_number = claimed.product_number and t.command_id = claimed.id and claimed.state = 'queued'
    )
    select product_number as "productNumber", id, type, parameters, issued_at as "issuedAt", expires_at as "expiresAt", state,
      is_urgent, true as "isSupported"
    from claimed
    union all
    select a.product_number, null::uuid, '', '{}'::jsonb, ${now}, ${now}, 'queued', false, false
    from ${askedBy(asking)} where exists (select 1 ${waiting} and ${isSupported} is not true)
    order by is_urgent desc, id
  `.execute(database);
  return mapProducts(rows, (found) => ({
    rows: found.filter((row) => row.isSupported),
    isAnyUnsupported: found.some((row) => !row.isSupported),
  }));
}

/**
 * Of the targets in `ended`, what is told of their end, by product. The directory's tables: where the device lies now.
 *
 * @param more columns of `e`, after a comma
 */
export const describeEnded = (more: RawBuilder<unknown> = sql``): RawBuilder<unknown> => sql`
  select e.command_id as "commandId", c.type as "commandType", e.product_number as "productNumber", d.id as "deviceId",
    coalesce(d.display_name, d.reported_name, e.device_name) as "deviceName", g.path::text[] as "groupPath" ${more}
  from ended e join command c on c.id = e.command_id left join device d on d.id = e.device_id
    left join directory_group g on g.id = d.group_id
  order by e.product_number, e.command_id`;

/** Ends what waits for the product but is of a type that it no longer supports since its last handshake. */
export async function endUnsupported(
  transaction: Transaction,
  productNumber: number,
  now: Date,
  end: { readonly step: CommandStep; readonly code: string },
): Promise<EndingTarget[]> {
  const { rows } = await sql<EndingTarget>`
    with unknown as (
      select t.command_id ${waitingFor(sql`${productNumber}`, now)} and ${isSupported} is not true
      order by t.command_id limit ${MAX_FAILED_AT_ONCE} for update of t skip locked
    ), ended as (
      update command_target t set state = ${end.step.state}, code = ${end.code},
        detail = ${end.step.detail}, steps = t.steps || ${JSON.stringify([end.step])}::jsonb
      from unknown where t.product_number = ${productNumber} and t.command_id = unknown.command_id
      returning t.*
    ) ${describeEnded()}`.execute(transaction);
  return rows;
}

/** Always in the same order, so that two calls of one product cannot deadlock. */
export async function lockTargets(
  transaction: Transaction,
  productNumber: number,
  commandIds: readonly string[],
): Promise<ReportedRow[]> {
  const { rows } = await sql<Omit<ReportedRow, 'progress'> & ProgressColumns>`
    select t.command_id as "commandId", t.product_number as "productNumber", t.state, t.code, t.detail, t.steps, t.result,
      ${PROGRESS_COLUMNS},
      t.state in ('queued', 'delivered') and ${isBeingCancelled} as "isBeingCancelled", c.type as "commandType",
      d.id as "deviceId", coalesce(d.display_name, d.reported_name, t.device_name) as "deviceName",
      g.path::text[] as "groupPath"
    from command_target t join command c on c.id = t.command_id left join device d on d.id = t.device_id
      left join directory_group g on g.id = d.group_id
    where t.product_number = ${productNumber} and t.command_id = any(${[...commandIds]}::uuid[])
    order by t.command_id for update of t
  `.execute(transaction);
  return rows.map((row) => ({ ...row, progress: readProgress(row) }));
}

/** Server clock minus product clock at its last handshake; 0 while unknown. */
export async function findClockSkewMs(database: Database, productNumber: number): Promise<number> {
  const { rows } = await sql<{ skew: number | null }>`
    select clock_skew_ms as skew from managed_product where number = ${productNumber}
  `.execute(database);
  return rows[0]?.skew ?? 0;
}

export async function saveTargets(
  transaction: Transaction,
  productNumber: number,
  targets: readonly ReportedRow[],
): Promise<void> {
  if (targets.length === 0) return;
  await sql`
    update command_target t set state = r.state, code = r.code, detail = r.detail, steps = r.steps::jsonb,
      result = r.result::jsonb, progress_percent = r.progress_percent, progress_text = r.progress_text,
      progress_at = r.progress_at
    from unnest(
      ${targets.map((target) => target.commandId)}::uuid[], ${targets.map((target) => target.state)}::text[],
      ${targets.map((target) => target.code)}::text[], ${targets.map((target) => target.detail)}::text[],
      ${targets.map((target) => JSON.stringify(target.steps))}::text[],
      ${targets.map((target) => (target.result === null ? null : JSON.stringify(target.result)))}::text[],
      ${targets.map(({ progress }) => progress?.percent ?? null)}::smallint[],
      ${targets.map(({ progress }) => progress?.text ?? null)}::text[],
      ${targets.map(({ progress }) => (progress === null ? null : new Date(progress.atMs)))}::timestamptz[]
    ) as r (command_id, state, code, detail, steps, result, progress_percent, progress_text, progress_at)
    where t.product_number = ${productNumber} and t.command_id = r.command_id
  `.execute(transaction);
}

/** What the clock ends. */
export interface Ending {
  readonly commandId: string;
  readonly from: readonly CommandState[];
  readonly step: CommandStep;
  readonly code: string;
  /** Only where the product has said nothing since. */
  readonly silentSince?: Date | undefined;
}

/**
 * Ends up to `limit` targets of one command beyond a product, by product number, so that nobody holds many rows for
 * long and the next batch need not look at those of this one again.
 *
 * @returns them, by product number
 */
export async function endTargets(
  transaction: Transaction,
  ending: Ending,
  after: number,
  limit: number,
): Promise<EndingTarget[]> {
  const { rows } = await sql<EndingTarget>`
    with chosen as (
      select chosen_target.product_number from command_target chosen_target
      where command_id = ${ending.commandId}::uuid and state = any(${[...ending.from]}::text[])
        and chosen_target.product_number > ${after}
        ${ending.silentSince === undefined ? sql`` : sql`and ${lastSignOf('chosen_target')} <= ${ending.silentSince}`}
      order by chosen_target.product_number limit ${limit} for update
    ), ended as (
      update command_target t set state = ${ending.step.state}, code = ${ending.code}, detail = ${ending.step.detail},
        steps = t.steps || ${JSON.stringify([ending.step])}::jsonb
      from chosen where t.command_id = ${ending.commandId}::uuid and t.product_number = chosen.product_number
      returning t.*
    ) ${describeEnded()}`.execute(transaction);
  return rows;
}

/** When the product last reported on a target, or was asked to end it. */
function lastSignOf(target: string): RawBuilder<Date> {
  const column = (name: string): RawBuilder<unknown> => sql.ref(`${target}.${name}`);
  return sql`greatest(${column('progress_at')}, (${column('steps')} -> -1 ->> 'at')::timestamptz)`;
}

/** Of what a command's products have begun and not ended, the longest silence; undefined when nothing is open. */
export async function findLongestSilence(database: Database, commandId: string): Promise<Date | undefined> {
  const { rows } = await sql<{ since: Date | null }>`
    select min(${lastSignOf('t')}) as since from command_target t
    where t.command_id = ${commandId}::uuid and t.state in ('accepted', 'running', 'cancelling')
  `.execute(database);
  return rows[0]?.since ?? undefined;
}

export interface DueCommand {
  readonly id: string;
  readonly expiresAt: Date;
  readonly nextExpiryAt: Date;
}

/** Commands of which the clock has to end something now. */
export async function listDueCommands(database: Database, now: Date, limit: number): Promise<DueCommand[]> {
  const { rows } = await sql<DueCommand>`
    select id, expires_at as "expiresAt", next_expiry_at as "nextExpiryAt" from command
    where next_expiry_at <= ${now} order by next_expiry_at limit ${limit}
  `.execute(database);
  return rows;
}

export async function setNextExpiry(database: Database, commandId: string, at: Date | null): Promise<void> {
  await database.updateTable('command').set({ next_expiry_at: at }).where('id', '=', commandId).execute();
}

export interface WaitingQuery {
  /** Only these; all when absent. */
  readonly among?: readonly number[];
  /** Only what waits of this command. */
  readonly commandId?: string;
  readonly after?: number;
  readonly limit?: number;
  readonly now: Date;
}

export interface WaitingProduct {
  readonly productNumber: number;
  /** Something of what waits is urgent. */
  readonly isUrgent: boolean;
}

/** Products that have something to fetch or to end, by number. What is to end is urgent. */
export async function listWaitingProducts(
  database: Database,
  query: WaitingQuery,
): Promise<WaitingProduct[]> {
  const { among, commandId, after, limit } = query;
  const { rows } = await sql<WaitingProduct>`
    select t.product_number as "productNumber", bool_or(c.is_urgent or t.state = 'cancelling') as "isUrgent"
    from command_target t join command c on c.id = t.command_id
    where t.state in ('queued', 'delivered', 'cancelling')
      and (t.state = 'cancelling' or (c.expires_at > ${query.now} and not ${isBeingCancelled}))
      and t.product_number > ${after ?? 0}
      ${among === undefined ? sql`` : sql`and t.product_number = any(${[...among]}::bigint[])`}
      ${commandId === undefined ? sql`` : sql`and t.command_id = ${commandId}`}
    group by t.product_number order by t.product_number ${limit === undefined ? sql`` : sql`limit ${limit}`}
  `.execute(database);
  return rows;
}
