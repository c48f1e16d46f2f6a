import type { DeviceEncryption, Platform, PresenceStatus, Transport } from '@holdfast/api';
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../../platform/database/index.ts';
import './directory.tables.ts';

/** Which devices are meant, resolved: groups by id, search as patterns. */
export interface DeviceSelection {
  /** Null means every group. */
  readonly groupIds: readonly string[] | null;
  readonly patterns: readonly string[];
  readonly status: PresenceStatus | undefined;
  readonly platform: Platform | undefined;
  readonly encryption: DeviceEncryption | undefined;
  readonly agentVersion: string | undefined;
  /** Ids of tags: a device has at least one of each list. */
  readonly tags: readonly (readonly string[])[];
  /** Ids of tags that a device must not have. */
  readonly withoutTags: readonly string[];
}

/** A row of the device list, without what only memory knows. */
export interface DeviceRow {
  readonly id: string;
  readonly name: string;
  readonly groupId: string;
  /** Names, for people. */
  readonly groupNames: readonly string[];
  /** Ids, for scope. */
  readonly groupPath: readonly string[];
  readonly platform: Platform;
  readonly system: string;
  readonly address: string;
  readonly agentVersion: string;
  readonly productNumber: number;
  readonly transport: Transport;
  readonly isEncrypted: boolean | null;
  readonly registeredAt: Date;
  readonly hardwareId: string | null;
  /** The sort key of the list that it was read for. */
  readonly key: string;
}

export type IndexedSort = 'name' | 'system' | 'address' | 'registered';

/** Counted exactly up to here; beyond it an estimate has to do. */
export const MAX_EXACT_COUNT = 10_000;

const sortColumns: Readonly<Record<IndexedSort, string>> = {
  name: 'name_key',
  system: 'system_key',
  address: 'address_key',
  registered: 'registered_at',
};

function where(selection: DeviceSelection): RawBuilder<unknown> {
  const conditions = [sql`d.removed_item_id is null`];
  if (selection.groupIds !== null) conditions.push(sql`d.group_id = any(${selection.groupIds}::uuid[])`);
  for (const pattern of selection.patterns) conditions.push(sql`d.search_text like ${pattern}`);
  if (selection.platform !== undefined) conditions.push(sql`d.platform = ${selection.platform}`);
  if (selection.encryption !== undefined) conditions.push(encryptionConditions[selection.encryption]);
  if (selection.agentVersion !== undefined) conditions.push(sql`d.agent_version = ${selection.agentVersion}`);
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
  readonly after: { readonly key: string | number; readonly id: string } | undefined;
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
): Promise<DeviceRow[]> {
  const by = query.order === 'ascending' ? sql`asc` : sql`desc`;
  const column = sql.ref(`d.${sortColumns[query.sort]}`);
  const conditions = sql`${where(selection)} ${beyond(query, column, sql`d.id`)}`;
  const order = sql`order by ${column} ${by}, d.id ${by} limit ${query.limit}`;
  const tagId = query.sort === 'name' ? leadingTag(selection, query.isSmall) : undefined;
  // Only what decides is carried through the sort; the rest is read for the rows of the page.
  const page =
    tagId !== undefined
      ? // Devices of one tag often lie together in the order of names: they are walked by an index of their own.
        sql`select d.id from ${from(selection)} join tag_device n on n.device_id = d.id and n.tag_id = ${tagId}
          where ${where(withoutTag(selection, tagId))} ${beyond(query, sql`n.name_key`, sql`n.device_id`)}
          order by n.name_key ${by}, n.device_id ${by} limit ${query.limit}`
      : query.isSmall
        ? sql`with few as materialized (select d.id, ${column} from ${from(selection)} where ${conditions})
            select d.id from few d ${order}`
        : sql`select d.id from ${from(selection)} where ${conditions} ${order}`;
  const outer = sql.ref(`x.${sortColumns[query.sort]}`);
  // Milliseconds are what the clock gives, so a key of that precision is the whole value.
  const key =
    query.sort === 'registered' ? sql`(extract(epoch from x.registered_at) * 1000)::bigint::text` : outer;
  const { rows } = await sql<RawDeviceRow>`
    select ${DEVICE_COLUMNS}, ${key} as key
    from (${page}) page join device x on x.id = page.id join managed_product p on p.number = x.product_number
      join directory_group g on g.id = x.group_id
    order by ${outer} ${by}, x.id ${by}`.execute(db);
  return rows.map(toDeviceRow);
}

/**
 * A tag that all devices of the selection have, where walking its devices is the short way: because they are many, or
 * because nothing else is asked of them.
 */
function leadingTag(selection: DeviceSelection, isSmall: boolean): string | undefined {
  const tagId = selection.tags.find((tagIds) => tagIds.length === 1)?.[0];
  const { tags, withoutTags, groupIds, patterns, ...others } = selection;
  const isAlone =
    tags.length === 1 &&
    withoutTags.length === 0 &&
    groupIds === null &&
    patterns.length === 0 &&
    Object.values(others).every((part) => part === undefined);
  return isAlone || !isSmall ? tagId : undefined;
}

/** The same selection, but for this one tag. */
function withoutTag(selection: DeviceSelection, tagId: string): DeviceSelection {
  return { ...selection, tags: selection.tags.filter((tagIds) => tagIds.length > 1 || tagIds[0] !== tagId) };
}

function beyond(
  query: DevicePageQuery,
  column: RawBuilder<unknown>,
  id: RawBuilder<unknown>,
): RawBuilder<unknown> {
  const { after } = query;
  if (after === undefined) return sql``;
  const key =
    query.sort === 'registered'
      ? sql`to_timestamp(${after.key}::double precision / 1000)`
      : sql`${after.key}`;
  const comparison = query.order === 'ascending' ? sql`>` : sql`<`;
  return sql`and (${column}, ${id}) ${comparison} (${key}, ${after.id}::uuid)`;
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
  const { rows } = await sql<RawDeviceRow>`
    select ${DEVICE_COLUMNS}, '' as key
    from device x join managed_product p on p.number = x.product_number join directory_group g on g.id = x.group_id
    where x.product_number = any(${numbers}::bigint[]) and x.removed_item_id is null`.execute(db);
  return rows.map(toDeviceRow);
}

/** One device that is not in the recycle bin. */
export async function findDeviceRow(db: Database, deviceId: string): Promise<DeviceRow | undefined> {
  const { rows } = await sql<RawDeviceRow>`
    select ${DEVICE_COLUMNS}, '' as key
    from device x join managed_product p on p.number = x.product_number join directory_group g on g.id = x.group_id
    where x.id = ${deviceId} and x.removed_item_id is null`.execute(db);
  return rows[0] && toDeviceRow(rows[0]);
}

interface RawDeviceRow {
  readonly id: string;
  readonly name: string;
  readonly group_id: string;
  readonly group_names: string[];
  readonly group_path: string[];
  readonly platform: Platform;
  readonly system: string;
  readonly address: string;
  readonly agent_version: string;
  readonly product_number: number;
  readonly transport: Transport;
  readonly is_encrypted: boolean | null;
  readonly registered_at: Date;
  readonly hardware_id: string | null;
  readonly key: string;
}

const DEVICE_COLUMNS = sql`x.id, coalesce(x.display_name, x.reported_name) as name, x.group_id, g.names as group_names,
  g.path::text[] as group_path, x.platform, x.system, x.address, x.agent_version, x.product_number, p.transport,
  x.is_encrypted, x.registered_at, x.hardware_id`;

function toDeviceRow(row: RawDeviceRow): DeviceRow {
  return {
    id: row.id,
    name: row.name,
    groupId: row.group_id,
    groupNames: row.group_names,
    groupPath: row.group_path,
    platform: row.platform,
    system: row.system,
    address: row.address,
    agentVersion: row.agent_version,
    productNumber: row.product_number,
    transport: row.transport,
    isEncrypted: row.is_encrypted,
    registeredAt: row.registered_at,
    hardwareId: row.hardware_id,
    key: row.key,
  };
}
