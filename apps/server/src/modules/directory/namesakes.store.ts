import { sql } from 'kysely';
import type { Database } from '../../platform/database/index.ts';
import { selectFields } from './device-columns.store.ts';
import { type NamedDevice, tellingFields } from './namesakes.ts';

/** How many of one name are compared. A fleet made from one image may have a thousand. */
const MAX_NAMESAKES = 50;

/**
 * Devices outside the recycle bin that have these names.
 *
 * @param keys folded names
 * @param roots where whoever asks may look; null means everything
 */
export async function listNamed(
  db: Database,
  keys: readonly string[],
  roots: readonly string[] | null,
): Promise<readonly { readonly key: string; readonly id: string }[]> {
  const inScope =
    roots === null
      ? sql``
      : sql`and exists (select from directory_group g where g.id = d.group_id and g.path && ${roots}::uuid[])`;
  const { rows } = await sql<{ key: string; id: string }>`
    select k.key, t.id from unnest(${keys}::text[]) as k (key)
    cross join lateral (
      select d.id from device d
      where d.name_key = k.key collate "C" and d.removed_item_id is null ${inScope}
      order by d.id limit ${MAX_NAMESAKES}
    ) t`.execute(db);
  return rows;
}

/** What these devices can be told apart by. */
export async function listNamedDevices(db: Database, ids: readonly string[]): Promise<NamedDevice[]> {
  const { rows } = await sql<NamedDevice>`
    select d.id, d.product_number as "productNumber", g.names as "groupNames",
      ${selectFields('d', tellingFields)}
    from device d join directory_group g on g.id = d.group_id
    where d.id = any(${ids}::uuid[])
    order by d.id`.execute(db);
  return rows;
}
