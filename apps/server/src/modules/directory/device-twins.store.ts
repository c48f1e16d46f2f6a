import { sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/index.ts';

/** A device that reports the same hardware as another one. */
export interface TwinRow {
  readonly id: string;
  readonly hardwareId: string;
  readonly name: string;
  readonly groupNames: readonly string[];
  readonly productNumber: number;
  readonly registeredAt: Date;
}

/** As many as one record shows. A fleet made from one image may report one hardware a thousand times. */
export const MAX_TWINS = 5;

/**
 * Records outside the recycle bin by what hardware they report, newest first, one more for each than is shown, because
 * the device that asks is among them.
 *
 * @param roots where whoever asks may look; null means everything
 */
export async function listTwins(
  db: Database,
  hardwareIds: readonly string[],
  roots: readonly string[] | null,
): Promise<ReadonlyMap<string, readonly TwinRow[]>> {
  if (hardwareIds.length === 0) return new Map();
  const inScope = roots === null ? sql`` : sql`and g.path && ${roots}::uuid[]`;
  const { rows } = await sql<{
    id: string;
    hardware_id: string;
    name: string;
    group_names: string[];
    product_number: number;
    registered_at: Date;
  }>`
    select t.* from unnest(${[...new Set(hardwareIds)]}::text[]) as h (hardware_id)
    cross join lateral (
      select d.id, d.hardware_id, coalesce(d.display_name, d.reported_name) as name, g.names as group_names,
        d.product_number, d.registered_at
      from device d join directory_group g on g.id = d.group_id
      where d.hardware_id = h.hardware_id and d.removed_item_id is null ${inScope}
      order by d.registered_at desc limit ${MAX_TWINS + 1}
    ) t`.execute(db);
  const twins = rows.map((row) => ({
    id: row.id,
    hardwareId: row.hardware_id,
    name: row.name,
    groupNames: row.group_names,
    productNumber: row.product_number,
    registeredAt: row.registered_at,
  }));
  return Map.groupBy(twins, (twin) => twin.hardwareId);
}

/** What tells whether two records of one hardware are one system. */
export interface SystemSigns {
  readonly installationId: string | null;
  /** Of the interfaces that it reported last. */
  readonly hardwareAddresses: readonly string[];
}

/** Another module keeps the facts of a device, and only it writes them. */
export async function listSystemSigns(
  db: Database,
  deviceIds: readonly string[],
): Promise<ReadonlyMap<string, SystemSigns>> {
  if (deviceIds.length === 0) return new Map();
  const { rows } = await sql<{ id: string; installation_id: string | null; addresses: unknown }>`
    select d.id, d.installation_id,
      jsonb_path_query_array(i.facts, '$.interfaces[*].hardwareAddress') as addresses
    from device d left join device_inventory i on i.device_id = d.id
    where d.id = any(${deviceIds}::uuid[])`.execute(db);
  return new Map(
    rows.map((row) => [
      row.id,
      {
        installationId: row.installation_id,
        hardwareAddresses: Array.isArray(row.addresses)
          ? row.addresses.filter((address) => typeof address === 'string')
          : [],
      },
    ]),
  );
}

/** The hardware by which the record of a device is known. */
export async function findHardwareId(db: Database, deviceId: string): Promise<string | null> {
  const { rows } = await sql<{ hardware_id: string | null }>`
    select hardware_id from device where id = ${deviceId}`.execute(db);
  return rows[0]?.hardware_id ?? null;
}

export async function writeHardwareId(
  transaction: Transaction,
  deviceId: string,
  hardwareId: string | null,
): Promise<void> {
  await sql`update device set hardware_id = ${hardwareId} where id = ${deviceId}`.execute(transaction);
}
