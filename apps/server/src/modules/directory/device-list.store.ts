import type { DeviceEncryption, FilteredField, PresenceStatus, Transport } from '@holdfast/api';
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../../platform/database/index.ts';
import {
  type ColumnField,
  columnFields,
  type FieldValues,
  type IndexedSort,
  keyColumnOf,
  orderColumnsOf,
  toFieldKey,
} from './device-columns.ts';
import { selectFields } from './device-columns.store.ts';
import './directory.tables.ts';

/** Which devices are meant, resolved: groups by id, search as patterns. */
export interface DeviceSelection {
  /** Null means every group. */
  readonly groupIds: readonly string[] | null;
  readonly patterns: readonly string[];
  readonly status: PresenceStatus | undefined;
  readonly encryption: DeviceEncryption | undefined;
  /** A device has just these values; an empty one means that it has none. */
  readonly fields: readonly (readonly [FilteredField, string])[];
  /** Ids of tags: a device has at least one of each list. */
  readonly tags: readonly (readonly string[])[];
  /** Ids of tags that a device must not have. */
  readonly withoutTags: readonly string[];
}

/** A row of the device list, without what only memory knows. */
export interface DeviceRow extends Omit<FieldValues<ColumnField>, 'registeredAt'> {
  readonly id: string;
  readonly name: string;
  readonly groupId: string;
  /** Names, for people. */
  readonly groupNames: readonly string[];
  /** Ids, for scope. */
  readonly groupPath: readonly string[];
  readonly transport: Transport;
  readonly registeredAt: Date;
  readonly hardwareId: string | null;
}

/** Where a row stands in an order: the keys that it is sorted by, and what makes it unique. */
export interface DevicePlaceInOrder {
  readonly keys: readonly (string | number)[];
  readonly id: string;
}

/** A row with its place in the list that it was read for. */
export type PlacedDeviceRow = DeviceRow & Pick<DevicePlaceInOrder, 'keys'>;

/** Counted exactly up to here; beyond it an estimate has to do. */
export const MAX_EXACT_COUNT = 10_000;

function where(selection: DeviceSelection): RawBuilder<unknown> {
  const conditions = [sql`d.removed_item_id is null`];
  if (selection.groupIds !== null) conditions.push(sql`d.group_id = any(${selection.groupIds}::uuid[])`);
  for (const pattern of selection.patterns) conditions.push(sql`d.search_text like ${pattern}`);
  for (const [name, value] of selection.fields) {
    conditions.push(sql`${sql.ref(`d.${keyColumnOf(name)}`)} = ${toFieldKey(name, value)}`);
  }
  if (selection.encryption !== undefined) conditions.push(encryptionConditions[selection.encryption]);
  for (const tagIds of selection.tags) conditions.push(hasTag(tagIds));
  if (selection.withoutTags.length > 0) conditions.push(sql`not ${hasTag(selection.withoutTags)}`);
  if (selection.status === 'online') {
    conditions.push(sql`not exists (
      select from product_presence s where s.product_number = d.product_number and s.status <> 'online')`);
  }
  return sql.join(conditions, sql` and `);
}

/** Whether a device has one of these tags. Another module keeps them, and only it writes them. */
function hasTag(tagIds: readonly string[]): RawBuilder<unknown> {
  const [only] = tagIds;
  const isOne = tagIds.length === 1 ? sql`t.tag_id = ${only}::uuid` : sql`t.tag_id = any(${tagIds}::uuid[])`;
  return sql`exists (select from tag_device t where t.device_id = d.id and ${isOne})`;
}

const encryptionConditions: Readonly<Record<DeviceEncryption, RawBuilder<unknown>>> = {
  encrypted: sql`d.is_encrypted`,
  'not-encrypted': sql`not d.is_encrypted`,
  unknown: sql`d.is_encrypted is null`,
};

/**
 * Every product has a row of presence, and few of them are anything else than online: those few have an index, so "online"
 * is asked as "not one of them".
 */
function from(selection: DeviceSelection): RawBuilder<unknown> {
  return selection.status === undefined || selection.status === 'online'
    ? sql`device d`
    : sql`device d join product_presence s on s.product_number = d.product_number and s.status = ${selection.status}`;
}

/** The number of devices, never more than {@link MAX_EXACT_COUNT} + 1. */
export async function countDevices(db: Database, selection: DeviceSelection): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from (
      select 1 from ${from(selection)} where ${where(selection)} limit ${MAX_EXACT_COUNT + 1}
    ) x`.execute(db);
  return rows[0]?.count ?? 0;
}

/** How many devices the planner expects. It knows the shape of the data as of its last look at it. */
export async function estimateDevices(db: Database, selection: DeviceSelection): Promise<number> {
  const { rows } = await sql<{ 'QUERY PLAN': unknown }>`
    explain (format json) select 1 from ${from(selection)} where ${where(selection)}`.execute(db);
  const plan: unknown = rows[0]?.['QUERY PLAN'];
  const [first] = Array.isArray(plan) ? (plan as { Plan?: { 'Plan Rows'?: unknown } }[]) : [];
  const estimate = first?.Plan?.['Plan Rows'];
  return typeof estimate === 'number' ? Math.round(estimate) : 0;
}

export interface DevicePageQuery {
  readonly sort: IndexedSort;
  readonly order: 'ascending' | 'descending';
  readonly after: DevicePlaceInOrder | undefined;
  readonly limit: number;
  /**
   * True where the selection holds few devices: they are all read, then sorted. Otherwise the index of the order is
   * walked until the page is full. The planner guesses this badly where names and groups go together.
   */
  readonly isSmall: boolean;
}

/** The next devices in an order that has an index. */
export async function listDevicePage(
  db: Database,
  selection: DeviceSelection,
  query: DevicePageQuery,
): Promise<PlacedDeviceRow[]> {
  const by = query.order === 'ascending' ? sql`asc` : sql`desc`;
  const columns = orderColumnsOf(query.sort);
  const refs = (table: string): RawBuilder<unknown>[] =>
    columns.map((column) => sql.ref(`${table}.${column}`));
  const orderBy = (table: string): RawBuilder<unknown> =>
    sql`order by ${sql.join([...refs(table), sql.ref(`${table}.id`)].map((ref) => sql`${ref} ${by}`))}`;
  const conditions = sql`${where(selection)} ${beyond(query, [...refs('d'), sql`d.id`])}`;
  const order = sql`${orderBy('d')} limit ${query.limit}`;
  const tagId = query.sort === 'name' ? leadingTag(selection, query.isSmall) : undefined;
  // Only what decides is carried through the sort; the rest is read for the rows of the page.
  const page =
    tagId !== undefined
      ? // Devices of one tag often lie together in the order of names: they are walked by an index of their own.
        sql`select d.id from ${from(selection)} join tag_device n on n.device_id = d.id and n.tag_id = ${tagId}
          where ${where(withoutTag(selection, tagId))} ${beyond(query, [sql`n.name_key`, sql`n.device_id`])}
          order by n.name_key ${by}, n.device_id ${by} limit ${query.limit}`
      : query.isSmall
        ? sql`with few as materialized (
              select d.id, ${sql.join(refs('d'))} from ${from(selection)} where ${conditions})
            select d.id from few d ${order}`
        : sql`select d.id from ${from(selection)} where ${conditions} ${order}`;
  // Milliseconds are what the clock gives, so a key of that precision is the whole value.
  const keys =
    query.sort === 'registered' ? [sql`(extract(epoch from x.registered_at) * 1000)::bigint`] : refs('x');
  const { rows } = await sql<PlacedDeviceRow>`
    select ${deviceColumns}, jsonb_build_array(${sql.join(keys)}) as keys
    from (${page}) page join device x on x.id = page.id ${deviceJoins} ${orderBy('x')}`.execute(db);
  return rows;
}

/**
 * A tag that all devices of the selection have, where walking its devices is the short way: because they are many, or
 * because nothing else is asked of them.
 */
function leadingTag(selection: DeviceSelection, isSmall: boolean): string | undefined {
  const tagId = selection.tags.find((tagIds) => tagIds.length === 1)?.[0];
  const isAlone = selection.tags.length === 1 && !isLimited({ ...selection, tags: [] });
  return isAlone || !isSmall ? tagId : undefined;
}

/** Whether a selection leaves anybody out. */
export function isLimited({ groupIds, status, encryption, ...lists }: DeviceSelection): boolean {
  return (
    groupIds !== null ||
    status !== undefined ||
    encryption !== undefined ||
    Object.values(lists).some((list) => list.length > 0)
  );
}

/** The same selection, but for this one tag. */
function withoutTag(selection: DeviceSelection, tagId: string): DeviceSelection {
  return { ...selection, tags: selection.tags.filter((tagIds) => tagIds.length > 1 || tagIds[0] !== tagId) };
}

function beyond(query: DevicePageQuery, columns: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  const { after } = query;
  if (after === undefined) return sql``;
  const keys = after.keys.map((key) =>
    query.sort === 'registered' ? sql`to_timestamp(${key}::double precision / 1000)` : sql`${key}`,
  );
  const comparison = query.order === 'ascending' ? sql`>` : sql`<`;
  return sql`and (${sql.join(columns)}) ${comparison} (${sql.join([...keys, sql`${after.id}::uuid`])})`;
}

/** Those of these products whose device is in the selection. */
export async function listSelectedProducts(
  db: Database,
  selection: DeviceSelection,
  among: readonly number[] | undefined,
): Promise<number[]> {
  const limited = among === undefined ? sql`` : sql`and d.product_number = any(${among}::bigint[])`;
  const { rows } = await sql<{ product_number: number }>`
    select d.product_number from ${from(selection)} where ${where(selection)} ${limited}`.execute(db);
  return rows.map((row) => row.product_number);
}

/** A device by what a change of many needs of it. */
export interface DevicePlace {
  readonly id: string;
  readonly name: string;
  readonly groupId: string;
}

/** The devices of a selection, or those of these ids that are outside the recycle bin, by id. */
export async function listDevicePlaces(
  db: Database,
  chosen: DeviceSelection | readonly string[],
  limit: number,
): Promise<DevicePlace[]> {
  const which =
    'groupIds' in chosen
      ? sql`from ${from(chosen)} where ${where(chosen)}`
      : sql`from device d where d.id = any(${chosen}::uuid[]) and d.removed_item_id is null`;
  const { rows } = await sql<DevicePlace>`
    select d.id, coalesce(d.display_name, d.reported_name) as name, d.group_id as "groupId" ${which}
    order by d.id limit ${limit}`.execute(db);
  return rows;
}

/** The devices for which these products stand, in no order. */
export async function listDevicesOfProducts(db: Database, numbers: readonly number[]): Promise<DeviceRow[]> {
  const { rows } = await sql<DeviceRow>`
    select ${deviceColumns} from device x ${deviceJoins}
    where x.product_number = any(${numbers}::bigint[]) and x.removed_item_id is null`.execute(db);
  return rows;
}

/** One device that is not in the recycle bin. */
export async function findDeviceRow(db: Database, deviceId: string): Promise<DeviceRow | undefined> {
  const { rows } = await sql<DeviceRow>`
    select ${deviceColumns} from device x ${deviceJoins}
    where x.id = ${deviceId} and x.removed_item_id is null`.execute(db);
  return rows[0];
}

const deviceColumns = sql`x.id, coalesce(x.display_name, x.reported_name) as name, x.group_id as "groupId",
  g.names as "groupNames", g.path::text[] as "groupPath", p.transport, x.hardware_id as "hardwareId",
  ${selectFields('x', columnFields)}`;
const deviceJoins = sql`
  join managed_product p on p.number = x.product_number join directory_group g on g.id = x.group_id`;
