import { type RawBuilder, sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/database.ts';
import { reasonOf, statusOf } from './presence-code.ts';
import { serviceStates } from './presence-table.ts';
import type { PresenceTable } from './presence-table.ts';
import { type PresenceChange, toldStatusOf } from './presence.events.ts';
import './presence.tables.ts';

/** Where the device of a product stands, for those who may know of its changes. */
export interface ProductPlace {
  readonly productNumber: number;
  readonly deviceId: string;
  readonly groupPath: readonly string[];
}

/** The highest number of a product; 0 when there is none. */
export async function findLastProductNumber(db: Database): Promise<number> {
  const { rows } = await sql<{
    last: number | null;
  }>`select max(number) as last from managed_product`.execute(db);
  return rows[0]?.last ?? 0;
}

/**
 * The products after one number up to another, as one text (remembered-page.ts): a million rows of thirteen columns
 * each cost the driver many times what they cost the database. Both tables are bounded by the numbers, so that each
 * page reads its own part of them and no other.
 */
export async function readRememberedPage(db: Database, after: number, last: number): Promise<string> {
  const { rows } = await rememberedPageQuery(after, last).execute(db);
  return rows[0]?.page ?? '';
}

/** The statement alone, for a test of its plan. */
export function rememberedPageQuery(after: number, last: number): RawBuilder<{ page: string | null }> {
  const milliseconds = (column: string): RawBuilder<unknown> =>
    sql`coalesce((date_part('epoch', ${sql.ref(column)}) * 1000)::bigint, 0)`;
  // The columns of product_presence come last: they are all there, or none is because there is no row. A null is left out.
  return sql<{ page: string | null }>`
    select string_agg(concat_ws(E'\\t', p.number, p.state, p.transport, p.epoch, ${milliseconds('s.last_seen_at')},
      ${milliseconds('s.changed_at')}, s.epoch, s.last_sequence, s.interval_ms, s.status, s.reason, s.service_state,
      s.activity), E'\\n') as page
    from managed_product p left join product_presence s
      on s.product_number = p.number and s.product_number > ${after} and s.product_number <= ${last}
    where p.number > ${after} and p.number <= ${last}`;
}

/** Writes what memory says of these products. A product whose record is gone meanwhile is left out. */
export async function savePresence(
  db: Database,
  table: PresenceTable,
  numbers: readonly number[],
): Promise<void> {
  await sql`
    update product_presence as s set ${WRITTEN} from ${valuesOf(table, numbers)}
    where s.product_number = v.product_number`.execute(db);
}

/** The same for products whose statuses differ. @returns those of which that is to be told */
export async function saveStatuses(
  transaction: Transaction,
  table: PresenceTable,
  numbers: readonly number[],
): Promise<PresenceChange[]> {
  const told = numbers.map((number) => toldStatusOf[statusOf(table.columns.status[number] ?? 0)] ?? null);
  // The row as it was is read beside the row that is written: only this server writes it, one statement at a time.
  const { rows } = await sql<PresenceChange>`
    with saved as (
      update product_presence as s set ${WRITTEN}, told_status = coalesce(t.told, s.told_status)
      from ${valuesOf(table, numbers)}
        join unnest(${numbers}::bigint[], ${told}::text[]) as t (product_number, told) using (product_number)
        join product_presence as old using (product_number)
      where s.product_number = v.product_number
      returning s.product_number, s.reason, t.told, coalesce(old.told_status, case
        when old.status in ('online', 'idle', 'roaming') then 'online' when old.status = 'service-stopped' then old.status
        else 'offline' end) as before
    )
    select c.product_number as "productNumber", c.before as "from", c.told as "to", c.reason, d.id as "deviceId",
      coalesce(d.display_name, d.reported_name) as "deviceName", g.path::text[] as "groupPath"
    from saved c join managed_product p on p.number = c.product_number
      join device d on d.id = p.device_id and d.removed_item_id is null join directory_group g on g.id = d.group_id
    where c.told <> c.before order by c.product_number`.execute(transaction);
  return rows;
}

const WRITTEN = sql`status = v.status, reason = v.reason, last_seen_at = v.last_seen_at, changed_at = v.changed_at,
  epoch = v.epoch, last_sequence = v.last_sequence, service_state = v.service_state, interval_ms = v.interval_ms,
  activity = v.activity`;

function valuesOf(table: PresenceTable, numbers: readonly number[]): RawBuilder<unknown> {
  const { columns } = table;
  const column = <Value>(read: (number: number) => Value): Value[] => numbers.map(read);
  return sql`unnest(
      ${column((number) => number)}::bigint[],
      ${column((number) => statusOf(columns.status[number] ?? 0))}::text[],
      ${column((number) => reasonOf(columns.reason[number] ?? 0))}::text[],
      ${column((number) => toText(columns.lastSeenAt[number]))}::timestamptz[],
      ${column((number) => toText(columns.changedAt[number]))}::timestamptz[],
      ${column((number) => columns.epoch[number] ?? 0)}::bigint[],
      ${column((number) => columns.lastSequence[number] ?? 0)}::bigint[],
      ${column((number) => serviceStates[columns.serviceState[number] ?? 0] ?? 'unknown')}::text[],
      ${column((number) => columns.intervalMs[number] ?? 0)}::integer[],
      ${column((number) => JSON.stringify(table.readActivity(number)))}::jsonb[]
    ) as v (product_number, status, reason, last_seen_at, changed_at, epoch, last_sequence, service_state,
      interval_ms, activity)`;
}

/** Devices for which these products stand. Devices in the recycle bin are left out: no view shows them. */
export async function listProductPlaces(db: Database, numbers: readonly number[]): Promise<ProductPlace[]> {
  const { rows } = await sql<{ product_number: number; id: string; path: string[] }>`
    select d.product_number, d.id, g.path::text[] as path
    from device d join directory_group g on g.id = d.group_id
    where d.product_number = any(${numbers}::bigint[]) and d.removed_item_id is null`.execute(db);
  return rows.map((row) => ({ productNumber: row.product_number, deviceId: row.id, groupPath: row.path }));
}

function toText(atMs: number | undefined): string | null {
  return atMs === undefined || atMs === 0 ? null : new Date(atMs).toISOString();
}
