import { sql } from 'kysely';
import type { Database } from '../../platform/database/index.ts';

/** Where a product is: its device, and the groups from the top down to the one that holds it. */
export interface ProductPlace {
  readonly productNumber: number;
  readonly deviceId: string;
  readonly groupPath: readonly string[];
}

/** Reads the directory's tables; products that are gone are left out. */
export async function findPlaces(
  database: Database,
  productNumbers: readonly number[],
): Promise<ProductPlace[]> {
  const { rows } = await sql<ProductPlace>`
    select p.number as "productNumber", d.id as "deviceId", g.path::text[] as "groupPath"
    from managed_product p join device d on d.id = p.device_id join directory_group g on g.id = d.group_id
    where p.number = any(${[...productNumbers]}::bigint[]) order by p.number`.execute(database);
  return rows;
}
