import { tagKeyOf } from '@holdfast/api';
import { sql } from 'kysely';
import type { Database } from '../../platform/database/index.ts';
import { escapeLike } from './sort-key.ts';

// Another module keeps tags, and only it writes them; here they are read for lists and filters of devices.

/** The ids of tags by the form in which their names are compared; what no tag is called is not in it. */
export async function findTagIds(
  db: Database,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ name_key: string; id: string }>`
    select name_key, id from tag where name_key = any(${names.map(tagKeyOf)}::text[]) and removed_at is null`.execute(
    db,
  );
  return new Map(rows.map((row) => [row.name_key, row.id]));
}

/** @param beginning of a name, in the form in which names are compared */
export async function listTagsBeginningWith(db: Database, beginning: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from tag where name_key like ${`${escapeLike(beginning)}%`} and removed_at is null order by name_key`.execute(
    db,
  );
  return rows.map((row) => row.id);
}

/** The names of the tags of each of these devices, in their order. Devices without tags are not in it. */
export async function listTagNames(
  db: Database,
  deviceIds: readonly string[],
): Promise<ReadonlyMap<string, string[]>> {
  if (deviceIds.length === 0) return new Map();
  const { rows } = await sql<{ device_id: string; names: string[] }>`
    select t.device_id, array_agg(g.name order by g.name_key) as names
    from tag_device t join tag g on g.id = t.tag_id and g.removed_at is null
    where t.device_id = any(${deviceIds}::uuid[])
    group by t.device_id`.execute(db);
  return new Map(rows.map((row) => [row.device_id, row.names]));
}
