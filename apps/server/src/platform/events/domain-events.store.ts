import { type RawBuilder, sql } from 'kysely';
import type { Database, Transaction } from '../database/index.ts';
import type { EventFilter, StoredEvent } from './domain-event.ts';

export interface EventRow {
  readonly id: string;
  readonly type: string;
  readonly objectKind: string;
  readonly objectId: string;
  readonly groupIds: readonly string[] | undefined;
  /** JSON text of an object. */
  readonly data: string;
}

/** All of them in one statement; the order of the rows is the order of their numbers. */
export async function insertEvents(
  transaction: Transaction,
  rows: readonly EventRow[],
  occurredAt: Date,
): Promise<void> {
  const column = (read: (row: EventRow) => string | null): (string | null)[] => rows.map(read);
  await sql`
    insert into domain_event (id, type, object_kind, object_id, group_ids, data, occurred_at)
    select e.id, e.type, e.object_kind, e.object_id, e.group_ids::uuid[], e.data::jsonb, ${occurredAt}
    from unnest(${column((row) => row.id)}::uuid[], ${column((row) => row.type)}::text[],
      ${column((row) => row.objectKind)}::text[], ${column((row) => row.objectId)}::text[],
      ${column((row) => (row.groupIds === undefined ? null : `{${row.groupIds.join(',')}}`))}::text[],
      ${column((row) => row.data)}::text[]) with ordinality as e (id, type, object_kind, object_id, group_ids, data, place)
    order by e.place`.execute(transaction);
}

/** Of the dispatcher: one numbers at a time, whatever runs on this database. */
const NUMBERING_LOCK = 4_801_202_618;

/**
 * Gives positions to events that can be seen and have none yet.
 *
 * Why not read by `seq`: numbers are taken at the insert, and transactions are committed in another order. Whoever had
 * read up to 7 would never see 6 when that is committed a moment later. A position is given to what is visible, by one
 * dispatcher at a time, so whatever becomes visible later gets a greater one: a reader that goes by positions misses
 * nothing.
 *
 * Why the order of one object holds: its second event was inserted under the lock that the first one's transaction held
 * until it was committed. So wherever the second is visible the first is too, and has the smaller `seq`; in one turn
 * they are numbered by `seq`, and in different turns the first has the earlier turn.
 *
 * @returns the type of each; `undefined` when somebody else is at it
 */
export async function numberEvents(transaction: Transaction, limit: number): Promise<string[] | undefined> {
  // What has no position comes and goes: whatever the database knows of how many there are is wrong, and by it alone it
  // would read and sort all of them for each batch. The index has them in order.
  const lock = await sql<{ isHeld: boolean }>`
    select pg_try_advisory_xact_lock(${NUMBERING_LOCK}::bigint) as "isHeld"
    from set_config('enable_seqscan', 'off', true) a, set_config('enable_bitmapscan', 'off', true) b`.execute(
    transaction,
  );
  if (lock.rows[0]?.isHeld !== true) return undefined;
  // A statement of its own after the lock, so that it sees what the one who held it before has numbered.
  const { rows } = await sql<{ type: string }>`
    with visible as materialized (
      select seq from domain_event where position is null order by seq limit ${limit}
    ), numbered as materialized (
      -- Once for each, in this order, whichever way the rows below are found.
      select seq, nextval('domain_event_position_seq') as position from visible
    )
    update domain_event e set position = n.position
    from numbered n
    where e.seq = n.seq and e.position is null and e.seq <= (select max(seq) from visible)
    returning e.type`.execute(transaction);
  return rows.map((row) => row.type);
}

/**
 * The position behind which everything is new: that of the last event that has one. Everything before it can be seen, or
 * never will be; of the sequence behind the positions, which runs ahead of what is committed, that cannot be said.
 */
export async function findHead(db: Database): Promise<number> {
  const { rows } = await sql<{ head: number | null }>`
    select max(position) as head from domain_event where position is not null`.execute(db);
  return rows[0]?.head ?? 0;
}

/** Where whoever begins now begins: also where everything that there was is removed, and past what is being numbered. */
export async function findPresent(db: Database): Promise<number> {
  const { rows } = await sql<{ last: number }>`
    select case when is_called then last_value else 0 end as last from domain_event_position_seq`.execute(db);
  return rows[0]?.last ?? 0;
}

export interface EventQuery {
  readonly after: number;
  /** The last position that is looked at. */
  readonly upTo: number;
  readonly filter: EventFilter;
  readonly limit: number;
}

/** So many positions are looked at by one statement, however few of them the filter lets through. */
const WINDOW = 5_000;

/** Events that were found, and the position up to which that are all. */
export interface FoundEvents {
  readonly events: readonly StoredEvent[];
  readonly last: number;
}

/**
 * The next events behind a position, in windows: of a bounded range of positions the database takes the index whatever it
 * knows of the table, which after an outage is not much.
 */
export async function findNextEvents(db: Database, query: EventQuery): Promise<FoundEvents> {
  const { filter, limit } = query;
  let last = query.after;
  while (last < query.upTo) {
    const upTo = Math.min(last + WINDOW, query.upTo);
    const events = await readEvents(db, { after: last, upTo, filter, limit });
    const newest = events.at(-1);
    if (newest !== undefined) return { events, last: events.length < limit ? upTo : newest.position };
    // Where everything was removed for a long way, there is no looking at each stretch of it.
    last = Math.max(upTo, Math.min(query.upTo, (await findNextPosition(db, upTo)) - 1));
  }
  return { events: [], last };
}

async function findNextPosition(db: Database, after: number): Promise<number> {
  const { rows } = await sql<{ position: number | null }>`
    select min(position) as position from domain_event where position > ${after}`.execute(db);
  return rows[0]?.position ?? Number.POSITIVE_INFINITY;
}

/** In the order of positions. Shapes are not looked at: another release may have written them. */
async function readEvents(db: Database, query: EventQuery): Promise<StoredEvent[]> {
  const { rows } = await sql<StoredEvent>`
    select id, position, type, object_kind as "objectKind", object_id as "objectId", group_ids::text[] as "groupIds",
      data, occurred_at as "occurredAt"
    from domain_event where position > ${query.after} and position <= ${query.upTo} ${filterCondition(query.filter)}
    order by position limit ${query.limit}`.execute(db);
  return rows;
}

/** How many stand between two positions, counted no further than to `limit`. */
export async function countEvents(db: Database, { after, upTo, filter, limit }: EventQuery): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from (
      select 1 from domain_event where position > ${after} and position <= ${upTo} ${filterCondition(filter)} limit ${limit}
    ) e`.execute(db);
  return rows[0]?.count ?? 0;
}

function filterCondition({ types, groupId }: EventFilter): RawBuilder<unknown> {
  const byType = types === 'all' ? sql`` : sql`and type = any(${[...types]}::text[])`;
  return groupId === undefined ? byType : sql`${byType} and ${groupId}::uuid = any(group_ids)`;
}

/** What is kept: whatever is younger and among the newest so many. */
export interface Keeping {
  readonly since: Date;
  readonly count: number;
}

export interface Pruned {
  readonly count: number;
  /** Subscribers that will not hear some of them. */
  readonly behind: readonly string[];
}

/**
 * Removes up to `limit` of the oldest events: those that nothing of `keeping` keeps once every subscriber is past them,
 * and those beyond `keepingForAll` in any case. A subscriber that is not past them gets a gap in the same transaction.
 */
export async function pruneEvents(
  transaction: Transaction,
  keeping: Keeping,
  keepingForAll: Keeping,
  limit: number,
): Promise<Pruned> {
  const head = await findHead(transaction);
  const isKept = ({ since, count }: Keeping): RawBuilder<unknown> =>
    sql`occurred_at >= ${since} and position > ${head - count}`;
  // Up to the first that is kept, and not all that are old: one event with a wrong time takes no others with it.
  const { rows } = await sql<{ last: number | null; kept: number | null; keptForAll: number | null }>`
    with oldest as (
      select position, occurred_at from domain_event where position is not null order by position limit ${limit}
    )
    select max(position) as last, min(position) filter (where ${isKept(keeping)}) as kept,
      min(position) filter (where ${isKept(keepingForAll)}) as "keptForAll"
    from oldest`.execute(transaction);
  const { last = null, kept = null, keptForAll = null } = rows[0] ?? {};
  if (last === null) return { count: 0, behind: [] };
  const passed = await sql<{ position: number | null }>`
    select min(position) as position from domain_event_subscriber`.execute(transaction);
  const old = kept === null ? last : kept - 1;
  const tooOld = keptForAll === null ? last : keptForAll - 1;
  const upTo = Math.max(tooOld, Math.min(old, passed.rows[0]?.position ?? old));
  const behind = await sql<{ name: string }>`
    update domain_event_subscriber set gap_after = coalesce(gap_after, position), gap_up_to = ${upTo}, position = ${upTo}
    where position < ${upTo} returning name`.execute(transaction);
  const { numAffectedRows } = await sql`delete from domain_event where position <= ${upTo}`.execute(
    transaction,
  );
  return { count: Number(numAffectedRows ?? 0n), behind: behind.rows.map((row) => row.name) };
}
