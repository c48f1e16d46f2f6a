import { type RawBuilder, sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/index.ts';
import './directory.tables.ts';
import type { GroupPlace, GroupRecord } from './group-tree.ts';

/** A group with the number of devices directly in it. */
export interface CountedGroup extends GroupRecord {
  readonly deviceCount: number;
}

interface GroupRow {
  readonly id: string;
  readonly parent_id: string | null;
  readonly name: string;
  readonly path: string[];
  readonly names: string[];
  readonly depth: number;
  readonly revision: number;
  readonly is_fixed: boolean;
}

// Arrays of UUIDs are read as text: the driver would leave them unparsed.
const COLUMNS = sql`g.id, g.parent_id, g.name, g.path::text[] as path, g.names, g.depth, g.revision, g.is_fixed`;

/** One lock for the shape of the tree: changes of groups are rare, and each looks at many rows. */
const TREE_LOCK = 4_801_202_621;

/** Serialises changes of the tree: a cycle made of two moves at once, or two groups of one name, cannot happen. */
export async function lockTree(transaction: Transaction): Promise<void> {
  await sql`select pg_advisory_xact_lock(${TREE_LOCK})`.execute(transaction);
}

export async function findGroup(db: Database, groupId: string): Promise<GroupRecord | undefined> {
  const { rows } = await sql<GroupRow>`
    select ${COLUMNS} from directory_group g where g.id = ${groupId} and g.removed_item_id is null`.execute(
    db,
  );
  return rows[0] && toRecord(rows[0]);
}

/**
 * The same, holding the group in place until the end of the transaction: it can then neither be moved nor removed,
 * while others may look at it and put devices into it.
 */
export async function findGroupForShare(
  transaction: Transaction,
  groupId: string,
): Promise<GroupRecord | undefined> {
  const { rows } = await sql<GroupRow>`
    select ${COLUMNS} from directory_group g where g.id = ${groupId} and g.removed_item_id is null
    for share`.execute(transaction);
  return rows[0] && toRecord(rows[0]);
}

/** The same for several; what another transaction is changing is left out instead of waited for. */
export async function tryHoldGroups(
  transaction: Transaction,
  groupIds: readonly string[],
): Promise<ReadonlyMap<string, GroupRecord>> {
  const { rows } = await sql<GroupRow>`
    select ${COLUMNS} from directory_group g where g.id = any(${[...groupIds]}::uuid[]) and g.removed_item_id is null
    for share skip locked`.execute(transaction);
  return new Map(rows.map((row) => [row.id, toRecord(row)]));
}

/** The group and everything below it, parents first, locked against every other change. */
export async function lockSubtree(transaction: Transaction, groupId: string): Promise<GroupRecord[]> {
  const { rows } = await sql<GroupRow>`
    select ${COLUMNS} from directory_group g
    where g.path @> array[${groupId}]::uuid[] and g.removed_item_id is null
    order by g.depth, g.id for update`.execute(transaction);
  return rows.map(toRecord);
}

/** All groups at these places, parents before children. @param roots null means everything */
export async function listGroups(db: Database, roots: readonly string[] | null): Promise<GroupRecord[]> {
  const { rows } = await sql<GroupRow>`
    select ${COLUMNS} from directory_group g
    where g.removed_item_id is null ${inPlaces(roots)}
    order by g.depth, g.name_key, g.id`.execute(db);
  return rows.map(toRecord);
}

export async function listGroupsById(db: Database, ids: readonly string[]): Promise<GroupRecord[]> {
  const { rows } = await sql<GroupRow>`
    select ${COLUMNS} from directory_group g
    where g.id = any(${ids}::uuid[]) and g.removed_item_id is null`.execute(db);
  return rows.map(toRecord);
}

/** Devices directly in each group; groups without any are not in the map. */
export async function countDevicesByGroup(db: Database): Promise<Map<string, number>> {
  const { rows } = await sql<{ group_id: string; count: number }>`
    select group_id, count(*) as count from device where removed_item_id is null group by group_id`.execute(
    db,
  );
  return new Map(rows.map((row) => [row.group_id, row.count]));
}

/** Ids of the groups of a subtree that lie in each of these places. */
export async function listGroupIds(
  db: Database,
  within: { readonly groupId: string | undefined; readonly places: readonly (readonly string[] | null)[] },
): Promise<string[]> {
  const below = within.groupId === undefined ? sql`` : sql`and g.path @> array[${within.groupId}]::uuid[]`;
  const { rows } = await sql<{ id: string }>`
    select g.id from directory_group g
    where g.removed_item_id is null ${sql.join(within.places.map(inPlaces), sql` `)} ${below}`.execute(db);
  return rows.map((row) => row.id);
}

export async function countGroups(db: Database): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from directory_group where removed_item_id is null`.execute(db);
  return rows[0]?.count ?? 0;
}

/** Keys of the names of a group's children, without one of them. */
export async function listSiblingKeys(
  db: Database,
  parentId: string,
  exceptId: string,
): Promise<Set<string>> {
  const { rows } = await sql<{ name_key: string }>`
    select name_key from directory_group
    where parent_id = ${parentId} and id <> ${exceptId} and removed_item_id is null`.execute(db);
  return new Set(rows.map((row) => row.name_key));
}

export async function findChildByKey(
  db: Database,
  parentId: string,
  nameKey: string,
): Promise<GroupRecord | undefined> {
  const { rows } = await sql<GroupRow>`
    select ${COLUMNS} from directory_group g
    where g.parent_id = ${parentId} and g.name_key = ${nameKey} and g.removed_item_id is null`.execute(db);
  return rows[0] && toRecord(rows[0]);
}

/** Devices in these groups; the sum, not the list. */
export async function countDevicesIn(db: Database, groupIds: readonly string[]): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from device
    where group_id = any(${groupIds}::uuid[]) and removed_item_id is null`.execute(db);
  return rows[0]?.count ?? 0;
}

export async function insertGroup(
  transaction: Transaction,
  group: { readonly id: string; readonly name: string; readonly nameKey: string },
  place: GroupPlace,
): Promise<void> {
  await sql`
    insert into directory_group (id, parent_id, name, name_key, path, names, depth)
    values (${group.id}, ${place.parentId}, ${group.name}, ${group.nameKey}, ${place.path}::uuid[],
      ${place.names}::text[], ${place.depth})`.execute(transaction);
}

/**
 * Gives a group a new name and place, and every group below it the path that follows from it, those in the recycle
 * bin too: they keep lying where they lay.
 */
export async function placeGroup(
  transaction: Transaction,
  group: GroupRecord,
  changed: { readonly name: string; readonly nameKey: string; readonly place: GroupPlace },
): Promise<void> {
  const { place } = changed;
  await sql`
    update directory_group set
      parent_id = case when id = ${group.id} then ${place.parentId}::uuid else parent_id end,
      name = case when id = ${group.id} then ${changed.name} else name end,
      name_key = case when id = ${group.id} then ${changed.nameKey} else name_key end,
      path = ${place.path}::uuid[] || path[${group.depth + 2}:],
      names = ${place.names}::text[] || names[${group.depth + 1}:],
      depth = depth + ${place.depth - group.depth},
      revision = revision + 1
    where path @> array[${group.id}]::uuid[]`.execute(transaction);
}

/** Levels below a group, those in the recycle bin included: they must have room where it moves. */
export async function findHeight(db: Database, group: GroupRecord): Promise<number> {
  const { rows } = await sql<{ depth: number }>`
    select max(depth) as depth from directory_group where path @> array[${group.id}]::uuid[]`.execute(db);
  return (rows[0]?.depth ?? group.depth) - group.depth;
}

function inPlaces(roots: readonly string[] | null): RawBuilder<unknown> {
  return roots === null ? sql`` : sql`and g.path && ${roots}::uuid[]`;
}

function toRecord(row: GroupRow): GroupRecord {
  return {
    id: row.id,
    parentId: row.parent_id,
    name: row.name,
    path: row.path,
    names: row.names,
    depth: row.depth,
    revision: row.revision,
    isFixed: row.is_fixed,
  };
}
