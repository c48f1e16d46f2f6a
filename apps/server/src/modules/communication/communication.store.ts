import { sql } from 'kysely';
import type { Database } from '../../platform/database/index.ts';

/** Numbers that are read at once: a large group must not hold up the process while they are parsed. */
const NUMBERS_PER_PAGE = 20_000;

/** Products of a group and all below it. */
export async function listProductNumbersBelow(db: Database, groupId: string): Promise<number[]> {
  const numbers: number[] = [];
  for (let after = 0, isDone = false; !isDone; ) {
    const { rows } = await sql<{ number: number }>`
      select p.number from managed_product p join device d on d.id = p.device_id
      where p.number > ${after}
        and d.group_id = any(select g.id from directory_group g where g.path @> array[${groupId}]::uuid[])
      order by p.number limit ${NUMBERS_PER_PAGE}`.execute(db);
    for (const row of rows) numbers.push(row.number);
    after = rows.at(-1)?.number ?? 0;
    isDone = rows.length < NUMBERS_PER_PAGE;
  }
  return numbers;
}

export async function countDevicesBelow(db: Database, groupId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from device d where d.removed_item_id is null
      and d.group_id = any(select g.id from directory_group g where g.path @> array[${groupId}]::uuid[])`.execute(
    db,
  );
  return rows[0]?.count ?? 0;
}
