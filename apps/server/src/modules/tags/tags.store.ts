import { type TagColour, tagColours, tagKeyOf } from '@holdfast/api';
import { type SqlBool, sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/index.ts';
import './tags.tables.ts';

/** A tag as it is stored. */
export interface TagRecord {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly colour: TagColour;
  readonly revision: number;
  readonly createdAt: Date;
  readonly createdBy: string;
}

export type NewTag = Omit<TagRecord, 'revision'>;

interface TagRow {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly colour: string;
  readonly revision: number;
  readonly created_at: Date;
  readonly created_by: string;
}

const COLUMNS = ['id', 'name', 'description', 'colour', 'revision', 'created_at', 'created_by'] as const;

/** One lock for tags and for who has them: limits are counted first, and names that nobody has become tags. */
const TAGS_LOCK = 4_801_202_624;

/** Two changes at once would both count before either wrote, and both make the same new tag. */
export async function lockTags(transaction: Transaction): Promise<void> {
  await sql`select pg_advisory_xact_lock(${TAGS_LOCK})`.execute(transaction);
}

/** All tags by name; those that were removed are not among them. */
export async function listTags(db: Database): Promise<TagRecord[]> {
  const rows = await db
    .selectFrom('tag')
    .select(COLUMNS)
    .where('removed_at', 'is', null)
    .orderBy('name_key')
    .execute();
  return rows.map(toRecord);
}

/** @param names as people write them */
export async function listTagsByName(db: Database, names: readonly string[]): Promise<TagRecord[]> {
  const rows = await db
    .selectFrom('tag')
    .select(COLUMNS)
    .where('removed_at', 'is', null)
    .where(sql<SqlBool>`name_key = any(${names.map(tagKeyOf)}::text[])`)
    .orderBy('name_key')
    .execute();
  return rows.map(toRecord);
}

export async function findTag(db: Database, tagId: string): Promise<TagRecord | undefined> {
  const row = await db
    .selectFrom('tag')
    .select(COLUMNS)
    .where('id', '=', tagId)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  return row && toRecord(row);
}

/** A tag whose removal can still be taken back. */
export async function findRemovedTag(
  db: Database,
  tagId: string,
  since: Date,
): Promise<TagRecord | undefined> {
  const row = await db
    .selectFrom('tag')
    .select(COLUMNS)
    .where('id', '=', tagId)
    .where('removed_at', '>=', since)
    .executeTakeFirst();
  return row && toRecord(row);
}

export async function insertTags(transaction: Transaction, tags: readonly NewTag[]): Promise<void> {
  if (tags.length === 0) return;
  const rows = tags.map((tag) => ({
    id: tag.id,
    name: tag.name,
    name_key: tagKeyOf(tag.name),
    description: tag.description,
    colour: tag.colour,
    created_at: tag.createdAt,
    created_by: tag.createdBy,
  }));
  await transaction.insertInto('tag').values(rows).execute();
}

export async function writeTag(
  transaction: Transaction,
  tag: Pick<TagRecord, 'id' | 'name' | 'description' | 'colour' | 'revision'>,
): Promise<void> {
  await transaction
    .updateTable('tag')
    .set({
      name: tag.name,
      name_key: tagKeyOf(tag.name),
      description: tag.description,
      colour: tag.colour,
      revision: tag.revision,
    })
    .where('id', '=', tag.id)
    .execute();
}

/** Marks a tag as removed, or with null as present again. */
export async function markTag(
  transaction: Transaction,
  tagId: string,
  removedAt: Date | null,
): Promise<void> {
  await sql`update tag set removed_at = ${removedAt}, revision = revision + 1 where id = ${tagId}`.execute(
    transaction,
  );
}

/** Tags that are there, and those that can be restored. */
export async function countTags(
  db: Database,
): Promise<{ readonly present: number; readonly removed: number }> {
  const { rows } = await sql<{ present: number; removed: number }>`
    select count(*) filter (where removed_at is null) as present, count(removed_at) as removed from tag`.execute(
    db,
  );
  return rows[0] ?? { present: 0, removed: 0 };
}

/** Forgets those removed tags that were removed first, to make room. */
export async function deleteOldestRemoved(transaction: Transaction, count: number): Promise<void> {
  await sql`
    delete from tag where id in (
      select id from tag where removed_at is not null order by removed_at, id limit ${count}
    )`.execute(transaction);
}

/** Devices of tags that were removed before; what is taken off in one statement. */
const BATCH = 20_000;
/** A script that changes tags all day shall not fill the database with ways back. */
const MAX_KEPT_CHANGES = 2_000;

/** Forgets what can no longer be taken back: tags with their devices, and what changes did. @returns how many */
export async function forgetOld(db: Database, before: Date): Promise<number> {
  for (let removed = BATCH; removed >= BATCH; ) {
    const { numAffectedRows } = await sql`
      delete from tag_device where (tag_id, device_id) in (
        select t.tag_id, t.device_id from tag g join tag_device t on t.tag_id = g.id
        where g.removed_at < ${before} limit ${BATCH}
      )`.execute(db);
    removed = Number(numAffectedRows ?? 0n);
  }
  const tags = await sql`delete from tag where removed_at < ${before}`.execute(db);
  const changes = await sql`
    delete from tag_change where changed_at < ${before} or changed_at < (
      select changed_at from tag_change order by changed_at desc offset ${MAX_KEPT_CHANGES} limit 1
    )`.execute(db);
  return Number((tags.numAffectedRows ?? 0n) + (changes.numAffectedRows ?? 0n));
}

/**
 * How many devices outside the recycle bin have each tag; tags that none has are not in it.
 *
 * @param roots scope; null means everything
 */
export async function countDevicesByTag(
  db: Database,
  roots: readonly string[] | null,
): Promise<Map<string, number>> {
  // Everything is counted from the index alone, and the few in the bin are taken off.
  const { rows } =
    roots === null
      ? await sql<{ tag_id: string; count: number }>`
          with recycled as (
            select t.tag_id, count(*) as count from device d join tag_device t on t.device_id = d.id
            where d.removed_item_id is not null group by t.tag_id
          )
          select a.tag_id, a.count - coalesce(r.count, 0) as count
          from (select tag_id, count(*) as count from tag_device group by tag_id) a
            left join recycled r on r.tag_id = a.tag_id`.execute(db)
      : await sql<{ tag_id: string; count: number }>`
          select t.tag_id, count(*) as count
          from directory_group g join device d on d.group_id = g.id join tag_device t on t.device_id = d.id
          where g.path && ${roots}::uuid[] and d.removed_item_id is null
          group by t.tag_id`.execute(db);
  return new Map(rows.map((row) => [row.tag_id, row.count]));
}

/** The same for one tag, everywhere. */
export async function countDevicesOfTag(db: Database, tagId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select (select count(*) from tag_device where tag_id = ${tagId})
      - (select count(*) from device d join tag_device t on t.device_id = d.id
         where d.removed_item_id is not null and t.tag_id = ${tagId}) as count`.execute(db);
  return rows[0]?.count ?? 0;
}

function toRecord(row: TagRow): TagRecord {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    // A newer server may know more colours than this one.
    colour: tagColours.find((colour) => colour === row.colour) ?? 'grey',
    revision: row.revision,
    createdAt: row.created_at,
    createdBy: row.created_by,
  };
}
