import type { LanSegment, LanTraffic } from '@holdfast/api';
import type { LanReport } from '@holdfast/protocol';
import { sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/index.ts';

/** A group of the tree, or everything. */
export type Places = readonly string[] | null;

/** Keeps the record of a product until the transaction ends. @returns false where there is none */
export async function holdProduct(transaction: Transaction, productNumber: number): Promise<boolean> {
  const { rows } = await sql<{ readonly number: number }>`
    select number::float8 as number from managed_product where number = ${productNumber} for key share`.execute(
    transaction,
  );
  return rows.length > 0;
}

/** What a product says takes the place of all that it said before. */
export async function saveLanReport(
  transaction: Transaction,
  productNumber: number,
  { segments, fromServerBytes, fromLanBytes }: LanReport,
  now: Date,
): Promise<void> {
  const networks = segments.map(({ network }) => network);
  await sql`
    delete from lan_membership
    where product_number = ${productNumber} and network <> all(${networks}::text[])`.execute(transaction);
  await sql`
    insert into lan_membership (product_number, network, active_product, reported_at)
    select ${productNumber}, network, active_product, ${now}
    from unnest(${networks}::text[], ${segments.map(({ activeProduct }) => activeProduct ?? null)}::bigint[])
      as said (network, active_product)
    on conflict (product_number, network) do update
    set active_product = excluded.active_product, reported_at = excluded.reported_at`.execute(transaction);
  await sql`
    insert into lan_traffic (product_number, from_server_bytes, from_lan_bytes)
    values (${productNumber}, ${fromServerBytes}, ${fromLanBytes})
    on conflict (product_number) do update
    set from_server_bytes = excluded.from_server_bytes, from_lan_bytes = excluded.from_lan_bytes`.execute(
    transaction,
  );
}

/** Of a product that takes no part any more. */
export async function forgetSegments(db: Database, productNumber: number): Promise<void> {
  await sql`delete from lan_membership where product_number = ${productNumber}`.execute(db);
}

/**
 * IPv4 addresses of other devices in the same network of 256, those of the same group first. They only seem to be near: whoever is
 * asked proves itself, or is not heard.
 */
export async function listHints(db: Database, productNumber: number, limit: number): Promise<string[]> {
  const { rows } = await sql<{ readonly address: string }>`
    with own as (
      select id, group_id, address, left(address_key, 7) as network
      from device where product_number = ${productNumber} and left(address_key, 1) = '4'
    ), near as (
      select d.address, d.group_id from own
      join device d on d.address_key >= own.network and d.address_key < own.network || 'g'
        and d.removed_item_id is null and d.id <> own.id and d.address <> own.address
      order by d.address_key, d.id limit 64
    )
    select near.address from near, own
    group by near.address order by bool_or(near.group_id = own.group_id) desc, near.address
    limit ${limit}`.execute(db);
  return rows.map(({ address }) => address);
}

interface SegmentRow extends Omit<LanSegment, 'reportedAt' | 'activeAgent'> {
  readonly deviceId: string | null;
  readonly deviceName: string | null;
  readonly reportedAt: Date;
}

/** By network and number of the Active Agent; those without one last. */
export async function listSegmentRows(
  db: Database,
  places: Places,
  { after, limit }: { readonly after: readonly [string, number] | undefined; readonly limit: number },
): Promise<LanSegment[]> {
  const { rows } = await sql<SegmentRow>`
    with segment as (
      select m.network, m.active_product, count(*)::int as "deviceCount", max(m.reported_at) as "reportedAt",
        coalesce(sum(t.from_server_bytes), 0)::float8 as "fromServerBytes",
        coalesce(sum(t.from_lan_bytes), 0)::float8 as "fromLanBytes"
      from lan_membership m
      join device d on d.product_number = m.product_number and d.removed_item_id is null
      left join lan_traffic t on t.product_number = m.product_number
      where ${isVisible(places)}
        and (m.network, coalesce(m.active_product, ${Number.MAX_SAFE_INTEGER}))
          > (${after?.[0] ?? ''}, ${after?.[1] ?? 0}::bigint)
      group by m.network, m.active_product
      order by m.network, m.active_product nulls last
      limit ${limit}
    )
    select s.network, s.active_product::float8 as "activeProduct", s."deviceCount", s."reportedAt",
      s."fromServerBytes", s."fromLanBytes", d.id as "deviceId", coalesce(d.display_name, d.reported_name) as "deviceName"
    from segment s
    left join device d on d.product_number = s.active_product and d.removed_item_id is null and ${isVisible(places)}
    order by s.network, s.active_product nulls last`.execute(db);
  return rows.map(({ deviceId, deviceName, reportedAt, ...row }) => ({
    ...row,
    activeAgent: deviceId === null || deviceName === null ? null : { deviceId, deviceName },
    reportedAt: reportedAt.toISOString(),
  }));
}

export async function sumTraffic(db: Database, places: Places): Promise<LanTraffic> {
  const { rows } = await sql<LanTraffic>`
    select coalesce(sum(t.from_server_bytes), 0)::float8 as "fromServerBytes",
      coalesce(sum(t.from_lan_bytes), 0)::float8 as "fromLanBytes"
    from lan_traffic t
    join device d on d.product_number = t.product_number and d.removed_item_id is null
    where ${isVisible(places)}`.execute(db);
  return rows[0] ?? { fromServerBytes: 0, fromLanBytes: 0 };
}

/** Of the device `d`. */
function isVisible(places: Places) {
  return places === null
    ? sql`true`
    : sql`exists (select from directory_group g where g.id = d.group_id and g.path && ${[...places]}::uuid[])`;
}
