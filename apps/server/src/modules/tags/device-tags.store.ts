import { sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/index.ts';
import './tags.tables.ts';

/** What a change does to one tag: it is put on these devices, or taken off them. */
export interface TagPart {
  readonly tagId: string;
  readonly isAdded: boolean;
  readonly deviceIds: readonly string[];
}

/** The tags that some of these devices have, by name. */
export async function countTagsOfDevices(
  db: Database,
  deviceIds: readonly string[],
): Promise<{ readonly tagId: string; readonly name: string; readonly deviceCount: number }[]> {
  const { rows } = await sql<{ tagId: string; name: string; deviceCount: number }>`
    select g.id as "tagId", g.name, c.count as "deviceCount"
    from (
      select tag_id, count(*) as count from tag_device where device_id = any(${deviceIds}::uuid[]) group by tag_id
    ) c join tag g on g.id = c.tag_id
    where g.removed_at is null
    order by g.name_key`.execute(db);
  return rows;
}

/**
 * How many of these devices would change, and how many would have more tags than a device may.
 *
 * @param change `newCount` tags do not exist yet and are put on all of them
 */
export async function forecastChange(
  db: Database,
  deviceIds: readonly string[],
  change: { readonly add: readonly string[]; readonly remove: readonly string[]; readonly newCount: number },
  limit: number,
): Promise<{ readonly changing: number; readonly overfull: number }> {
  const { add, remove, newCount } = change;
  const addCount = add.length + newCount;
  const { rows } = await sql<{ changing: number; overfull: number }>`
    select count(*) filter (where removed > 0 or there < ${addCount}) as changing,
      count(*) filter (where there < ${addCount} and others + ${addCount} > ${limit}) as overfull
    from (
      select count(*) filter (where t.tag_id = any(${remove}::uuid[])) as removed,
        count(*) filter (where t.tag_id = any(${add}::uuid[])) as there,
        count(t.tag_id) filter (where t.tag_id <> all(${[...add, ...remove]}::uuid[])) as others
      from unnest(${deviceIds}::uuid[]) d (id) left join tag_device t on t.device_id = d.id
      group by d.id
    ) x`.execute(db);
  return rows[0] ?? { changing: 0, overfull: 0 };
}

/** How many of these devices have more tags than a device may. */
export async function countOverfull(
  db: Database,
  deviceIds: readonly string[],
  limit: number,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from (
      select device_id from tag_device where device_id = any(${deviceIds}::uuid[])
      group by device_id having count(*) > ${limit}
    ) x`.execute(db);
  return rows[0]?.count ?? 0;
}

/** Puts a tag on devices or takes it off. @returns the same with those devices that had been otherwise */
export async function applyPart(transaction: Transaction, part: TagPart): Promise<TagPart> {
  const { tagId, isAdded, deviceIds } = part;
  const { rows } = isAdded
    ? // Locked, so that no other name comes in between: its trigger would not see the row that is written here.
      await sql<{ device_id: string }>`
        insert into tag_device (tag_id, device_id, name_key)
        select ${tagId}::uuid, named.id, named.name_key from (
          select id, name_key from device where id = any(${deviceIds}::uuid[]) order by id for share
        ) named
        on conflict do nothing returning device_id`.execute(transaction)
    : await sql<{ device_id: string }>`
        delete from tag_device where tag_id = ${tagId} and device_id = any(${deviceIds}::uuid[])
        returning device_id`.execute(transaction);
  return { tagId, isAdded, deviceIds: rows.map((row) => row.device_id) };
}

/** Writes down what a change did, so that it can be taken back. */
export async function insertChange(
  transaction: Transaction,
  change: { readonly id: string; readonly changedAt: Date; readonly parts: readonly TagPart[] },
): Promise<void> {
  for (const { tagId, isAdded, deviceIds } of change.parts) {
    await sql`
      insert into tag_change (id, tag_id, is_added, device_ids, changed_at)
      values (${change.id}, ${tagId}, ${isAdded}, ${deviceIds}::uuid[], ${change.changedAt})`.execute(
      transaction,
    );
  }
}

/** Takes what a change did out of the database; of tags that were removed since then nothing. */
export async function takeChange(
  transaction: Transaction,
  changeId: string,
  since: Date,
): Promise<(TagPart & { readonly name: string })[]> {
  const { rows } = await sql<{ tagId: string; name: string; isAdded: boolean; deviceIds: string[] }>`
    with taken as (
      delete from tag_change where id = ${changeId} and changed_at >= ${since} returning tag_id, is_added, device_ids
    )
    select g.id as "tagId", g.name, c.is_added as "isAdded", c.device_ids::text[] as "deviceIds"
    from taken c join tag g on g.id = c.tag_id where g.removed_at is null
    order by g.name_key`.execute(transaction);
  return rows;
}
