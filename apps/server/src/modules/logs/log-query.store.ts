import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../../platform/database/index.ts';
import { type SeverityCode, severityCode } from './log-batch.ts';
import './logs.tables.ts';

/** A place in the list; entries are listed from it towards older ones. */
export interface LogPlace {
  readonly receivedAtMs: number;
  readonly id: number;
}

/** Which entries are meant. Everything that is absent limits nothing. */
export interface LogSelection {
  readonly productNumber?: number | undefined;
  readonly deviceId?: string | undefined;
  /** With its subgroups. */
  readonly groupId?: string | undefined;
  readonly type?: string | undefined;
  readonly minSeverity: SeverityCode;
  /** Part of the text. */
  readonly search?: string | undefined;
  /** Roots of the groups that the reader may see; null for all, and for products that are gone. */
  readonly scope: readonly string[] | null;
}

/** Entries at or after `fromMs` and before `before`. */
export interface LogSpan {
  readonly fromMs: number;
  readonly before: LogPlace;
}

export interface LogRow {
  readonly id: number;
  readonly receivedAt: Date;
  readonly at: Date;
  readonly isFromServer: boolean;
  readonly productNumber: number;
  readonly deviceId: string | null;
  readonly deviceName: string | null;
  readonly type: string;
  readonly severity: number;
  readonly text: string;
  readonly facts: Record<string, unknown> | null;
}

/**
 * How entries are found: product by product where few are meant, else along the time, by type or by severity. Whatever the
 * index does not decide is looked at entry by entry, so it is bounded (`findFloor`).
 */
export type LogPath = 'products' | 'time';

/** Beyond so many products it is quicker to walk along the time than to ask for each of them. */
export const MAX_PRODUCTS_ONE_BY_ONE = 50;

/** True when the selection names products, devices or groups, or its reader sees a part only. */
export function isAboutProducts(selection: LogSelection): boolean {
  const { productNumber, deviceId, groupId, scope } = selection;
  return productNumber !== undefined || deviceId !== undefined || groupId !== undefined || scope !== null;
}

/** How many products are meant, counted no further than `limit`. */
export async function countProducts(
  database: Database,
  selection: LogSelection,
  limit: number,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from (select 1 from (${products(selection)}) p limit ${limit}) x`.execute(
    database,
  );
  return rows[0]?.count ?? 0;
}

/** True where the index of the path leaves something to be looked at entry by entry. */
export function isLookedThrough(selection: LogSelection, path: LogPath): boolean {
  if (selection.search !== undefined) return true;
  if (path === 'products') return selection.type !== undefined || selection.minSeverity > 0;
  return isAboutProducts(selection) || (selection.type === undefined && selection.minSeverity === 1);
}

/** The place of the entry with which `budget` entries have been looked at; undefined when the span holds fewer. */
export async function findFloor(
  database: Database,
  selection: LogSelection,
  path: LogPath,
  span: LogSpan,
  budget: number,
): Promise<LogPlace | undefined> {
  const { rows } = await sql<{ received_at: Date; id: number }>`
    select received_at, id from (${branches(selection, path, span, { limit: budget, isLookingAtAll: true })}) x
    order by received_at desc, id desc offset ${budget - 1} limit 1`.execute(database);
  const row = rows[0];
  return row && { receivedAtMs: row.received_at.getTime(), id: row.id };
}

/** Newest first. @param floor the last place that may be looked at; all of the span without it */
export async function listLogRows(
  database: Database,
  selection: LogSelection,
  path: LogPath,
  span: LogSpan & { readonly floor?: LogPlace | undefined },
  limit: number,
): Promise<LogRow[]> {
  const { rows } = await sql<LogRow>`
    with page as (
      select * from (${branches(selection, path, span, { limit, isLookingAtAll: false })}) x
      order by received_at desc, id desc limit ${limit}
    )
    select e.id, e.received_at as "receivedAt", e.occurred_at as "at", e.journal is null as "isFromServer",
      e.product_number as "productNumber", d.id as "deviceId",
      coalesce(d.display_name, d.reported_name) as "deviceName", e.type, e.severity, e.text, e.facts
    from page join log_entry e on e.received_at = page.received_at and e.id = page.id
      and e.received_at >= ${new Date(span.fromMs)} and e.received_at <= ${new Date(span.before.receivedAtMs)}
    left join managed_product p on p.number = e.product_number
    left join device d on d.id = p.device_id
    order by page.received_at desc, page.id desc`.execute(database);
  return rows;
}

interface BranchOptions {
  readonly limit: number;
  /** True: only what the index decides. */
  readonly isLookingAtAll: boolean;
}

/** Places of entries, each branch in the order of its index and cut at the limit, so that no branch reads on for nothing. */
function branches(
  selection: LogSelection,
  path: LogPath,
  span: LogSpan & { readonly floor?: LogPlace | undefined },
  options: BranchOptions,
): RawBuilder<unknown> {
  const rest = options.isLookingAtAll ? [] : lookedThrough(selection, path);
  const select = (decided: readonly RawBuilder<unknown>[]): RawBuilder<unknown> => sql`
    (select e.received_at, e.id from log_entry e
     where ${sql.join([...decided, ...within(span), ...rest], sql` and `)}
     order by e.received_at desc, e.id desc limit ${options.limit})`;
  if (path === 'products') {
    return sql`select y.received_at, y.id from (${products(selection)}) n
      cross join lateral ${select([sql`e.product_number = n.number`])} y`;
  }
  const { type, minSeverity } = selection;
  if (type === undefined && minSeverity < severityCode.notice) return select([]);
  const severities = Object.values(severityCode).filter((severity) => severity >= minSeverity);
  const ofType = type === undefined ? [] : [sql`e.type = ${type}`];
  // Written out, because the index of severities knows only some of them.
  const each = severities.map((severity) => select([...ofType, sql`e.severity = ${sql.lit(severity)}`]));
  return sql.join(each, sql` union all `);
}

function within(span: LogSpan & { readonly floor?: LogPlace | undefined }): RawBuilder<unknown>[] {
  const { before, floor } = span;
  const at = new Date(before.receivedAtMs);
  return [
    sql`e.received_at >= ${new Date(floor?.receivedAtMs ?? span.fromMs)}`,
    // Said twice: by the first the planner leaves whole days out, the second is exact.
    sql`e.received_at <= ${at}`,
    sql`(e.received_at, e.id) < (${at}, ${before.id}::bigint)`,
    ...(floor === undefined
      ? []
      : [sql`(e.received_at, e.id) >= (${new Date(floor.receivedAtMs)}, ${floor.id}::bigint)`]),
  ];
}

function lookedThrough(selection: LogSelection, path: LogPath): RawBuilder<unknown>[] {
  const conditions: RawBuilder<unknown>[] = [];
  const { type, minSeverity, search } = selection;
  if (path === 'products') {
    if (type !== undefined) conditions.push(sql`e.type = ${type}`);
    if (minSeverity > 0) conditions.push(sql`e.severity >= ${minSeverity}`);
  } else {
    if (type === undefined && minSeverity === 1) conditions.push(sql`e.severity >= 1`);
    if (isAboutProducts(selection)) conditions.push(sql`e.product_number in (${products(selection)})`);
  }
  if (search !== undefined) {
    conditions.push(sql`e.text ilike ${`%${search.replace(/[\\%_]/g, String.raw`\$&`)}%`}`);
  }
  return conditions;
}

/**
 * The numbers of the products that are meant and may be seen. Reads the directory's tables: an entry lies in the scope when
 * its device does now, wherever it has been moved to since.
 */
function products(selection: LogSelection): RawBuilder<unknown> {
  const { productNumber, deviceId, groupId, scope } = selection;
  const isByNumberOnly = scope === null && deviceId === undefined && groupId === undefined;
  // Whoever sees everything also sees what a product wrote that is gone.
  if (isByNumberOnly && productNumber !== undefined) return sql`select ${productNumber}::bigint as number`;
  const conditions = [sql`true`];
  if (productNumber !== undefined) conditions.push(sql`mp.number = ${productNumber}`);
  if (deviceId !== undefined) conditions.push(sql`mp.device_id = ${deviceId}::uuid`);
  if (groupId !== undefined) conditions.push(sql`mg.path @> array[${groupId}::uuid]`);
  if (scope !== null) conditions.push(sql`mg.path && ${[...scope]}::uuid[]`);
  return sql`select mp.number from managed_product mp join device md on md.id = mp.device_id
    join directory_group mg on mg.id = md.group_id where ${sql.join(conditions, sql` and `)}`;
}
