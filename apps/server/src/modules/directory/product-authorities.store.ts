import { sql } from 'kysely';
import type { Database } from '../../platform/database/index.ts';

/** Of the products that are in use: how many trust this authority. Looks at all of them. */
export async function countTrusting(
  db: Database,
  fingerprint: string,
): Promise<{ readonly known: number; readonly unknown: number }> {
  const { rows } = await sql<{ known: number; total: number }>`
    select count(*) filter (where p.trusted_authorities @> array[${fingerprint}]) as known, count(*) as total
    from managed_product p join device d on d.id = p.device_id
    where p.state = 'active' and d.removed_item_id is null`.execute(db);
  const { known = 0, total = 0 } = rows[0] ?? {};
  return { known, unknown: total - known };
}
