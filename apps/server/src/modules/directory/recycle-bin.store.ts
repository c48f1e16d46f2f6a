import { sql } from 'kysely';
import type { RecycledItem } from '@holdfast/api';
import type { Database, Transaction } from '../../platform/database/index.ts';
import './directory.tables.ts';

/** An item of the recycle bin with what only the server needs. */
export interface RecycledRecord extends RecycledItem {
  readonly objectId: string;
  /**
   * Ids of the groups that it lies in now, from the top: who sees one of them sees the item. Where it lay when it was
   * removed does not count, since a group that moved since is not where it was.
   */
  readonly scopePath: readonly string[];
}

interface RecycledRow {
  readonly id: string;
  readonly kind: 'group' | 'device';
  readonly object_id: string;
  readonly name: string;
  readonly path: string[];
  readonly scope_path: string[];
  readonly device_count: number;
  readonly group_count: number;
  readonly removed_at: Date;
  readonly removed_by: string;
}

/** Today's path of what an item names. What is not there any more lies nowhere: only who may read everything sees it. */
const SCOPE = sql`coalesce(
  case i.kind
    when 'group' then (select g.path from directory_group g where g.id = i.object_id)
    else (select g.path from device d join directory_group g on g.id = d.group_id where d.id = i.object_id)
  end, '{}'::uuid[])`;

const COLUMNS = sql`i.id, i.kind, i.object_id, i.name, i.path, ${SCOPE}::text[] as scope_path, i.device_count,
  i.group_count, i.removed_at, i.removed_by`;

/** More than anybody reads; emptying the bin brings older items into reach. */
const MAX_LISTED = 1_000;

export async function insertRecycled(
  transaction: Transaction,
  items: readonly RecycledRecord[],
): Promise<void> {
  const rows = items.map((item) => ({
    id: item.id,
    kind: item.kind,
    object_id: item.objectId,
    name: item.name,
    path: item.path,
    scope_path: item.scopePath,
    device_count: item.deviceCount,
    group_count: item.groupCount,
    removed_at: item.removedAt,
    removed_by: item.removedBy,
  }));
  await sql`
    insert into recycled_item (id, kind, object_id, name, path, scope_path, device_count, group_count, removed_at,
      removed_by)
    select id, kind, object_id, name, path, scope_path, device_count, group_count, removed_at, removed_by
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as item (id uuid, kind text, object_id uuid, name text,
      path text[], scope_path uuid[], device_count integer, group_count integer, removed_at timestamptz,
      removed_by text)`.execute(transaction);
}

/** Newest first. @param roots where the reader may; null means everything */
export async function listRecycled(db: Database, roots: readonly string[] | null): Promise<RecycledRecord[]> {
  const inScope = roots === null ? sql`` : sql`where ${SCOPE} && ${roots}::uuid[]`;
  const { rows } = await sql<RecycledRow>`
    select ${COLUMNS} from recycled_item i ${inScope}
    order by i.removed_at desc, i.id desc limit ${MAX_LISTED}`.execute(db);
  return rows.map(toRecord);
}

export async function findRecycledForUpdate(
  transaction: Transaction,
  itemId: string,
): Promise<RecycledRecord | undefined> {
  return (await listRecycledForUpdate(transaction, [itemId]))[0];
}

/** In one order, so that two who restore the same cannot deadlock. */
export async function listRecycledForUpdate(
  transaction: Transaction,
  itemIds: readonly string[],
): Promise<RecycledRecord[]> {
  const { rows } = await sql<RecycledRow>`
    select ${COLUMNS} from recycled_item i where i.id = any(${itemIds}::uuid[])
    order by i.id for update of i`.execute(transaction);
  return rows.map(toRecord);
}

export async function deleteRecycled(transaction: Transaction, itemIds: readonly string[]): Promise<void> {
  await sql`delete from recycled_item where id = any(${itemIds}::uuid[])`.execute(transaction);
}

/** Puts groups, and the devices in them that are not in the bin on their own, into the bin. */
export async function markRemoved(
  transaction: Transaction,
  itemId: string,
  groupIds: readonly string[],
): Promise<void> {
  await sql`
    update device set removed_item_id = ${itemId}
    where group_id = any(${groupIds}::uuid[]) and removed_item_id is null`.execute(transaction);
  await sql`
    update directory_group set removed_item_id = ${itemId}, revision = revision + 1
    where id = any(${groupIds}::uuid[])`.execute(transaction);
}

/** Takes everything that these items hold out of the bin. */
export async function unmarkRemoved(transaction: Transaction, itemIds: readonly string[]): Promise<void> {
  await sql`
    update directory_group set removed_item_id = null, revision = revision + 1
    where removed_item_id = any(${itemIds}::uuid[])`.execute(transaction);
  await sql`
    update device set removed_item_id = null where removed_item_id = any(${itemIds}::uuid[])`.execute(
    transaction,
  );
}

/** The root of what a group item holds, as it lies in the bin. */
export async function findRecycledGroup(
  transaction: Transaction,
  groupId: string,
): Promise<
  | {
      readonly id: string;
      readonly parentId: string;
      readonly name: string;
      readonly path: string[];
      readonly names: string[];
      readonly depth: number;
      readonly revision: number;
      readonly isFixed: false;
    }
  | undefined
> {
  const { rows } = await sql<{
    id: string;
    parent_id: string;
    name: string;
    path: string[];
    names: string[];
    depth: number;
    revision: number;
  }>`
    select id, parent_id, name, path::text[] as path, names, depth, revision from directory_group
    where id = ${groupId} and removed_item_id is not null and parent_id is not null for update`.execute(
    transaction,
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const { parent_id: parentId, ...rest } = row;
  return { ...rest, parentId, isFixed: false };
}

/** The groups of devices that lie in the bin; a group may lie there itself. */
export async function listDeviceGroups(
  transaction: Transaction,
  deviceIds: readonly string[],
): Promise<{ readonly deviceId: string; readonly groupId: string }[]> {
  const { rows } = await sql<{ deviceId: string; groupId: string }>`
    select id as "deviceId", group_id as "groupId" from device
    where id = any(${deviceIds}::uuid[]) and removed_item_id is not null order by id for update`.execute(
    transaction,
  );
  return rows;
}

/**
 * Removes for good what an item holds: devices with their products and facts, then groups. What lies in the bin on its
 * own account below one of these groups stays there, and comes back to the top group.
 *
 * @returns numbers of the products that are gone
 */
export async function purge(
  transaction: Transaction,
  itemId: string,
  topGroupId: string,
): Promise<{ readonly productNumbers: number[]; readonly deviceCount: number }> {
  const products = await sql<{ number: number }>`
    select p.number from managed_product p join device d on d.id = p.device_id
    where d.removed_item_id = ${itemId}`.execute(transaction);
  const devices = await sql`delete from device where removed_item_id = ${itemId}`.execute(transaction);
  await sql`
    update device set group_id = ${topGroupId}
    where group_id in (select id from directory_group where removed_item_id = ${itemId})`.execute(
    transaction,
  );
  await sql`
    update directory_group set parent_id = ${topGroupId}
    where parent_id in (select id from directory_group where removed_item_id = ${itemId})
      and removed_item_id is distinct from ${itemId}`.execute(transaction);
  await sql`delete from directory_group where removed_item_id = ${itemId}`.execute(transaction);
  return {
    productNumbers: products.rows.map((row) => row.number),
    deviceCount: Number(devices.numAffectedRows ?? 0n),
  };
}

function toRecord(row: RecycledRow): RecycledRecord {
  return {
    id: row.id,
    kind: row.kind,
    objectId: row.object_id,
    name: row.name,
    path: row.path,
    scopePath: row.scope_path,
    deviceCount: row.device_count,
    groupCount: row.group_count,
    removedAt: row.removed_at.toISOString(),
    removedBy: row.removed_by,
  };
}
