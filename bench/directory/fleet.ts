import { type PlainField, plainFields } from '@holdfast/api';
import { sql } from 'kysely';
import { columnOf, keyColumnOf } from '../../apps/server/src/modules/directory/device-columns.ts';
import type { Database } from '../../apps/server/src/platform/database/index.ts';
import { TOP_GROUP_ID } from '../../apps/server/src/modules/directory/index.ts';

/** Sites with rooms below them; every name of a device begins with its site, as in real fleets. */
export const siteCount = 100;
export const roomsPerSite = 20;

/** What stands in the plain fields of the n-th device, in SQL, and a value by which some are found. */
export const plainFleet: Readonly<Record<PlainField, { readonly value: string; readonly found: string }>> = {
  serialNumber: { value: `'SN' || reverse(lpad(n::text, 8, '0'))`, found: 'SN54321000' },
  manufacturer: { value: `(array['Dell Inc.', 'LENOVO', 'HP', 'Apple'])[1 + n % 4]`, found: 'Apple' },
  // A hundred models, of which the one that is looked for stands at the end of the order of names.
  model: { value: `'Model ' || (n % 100)`, found: 'Model 98' },
  assetTag: { value: `case when n % 3 = 0 then '' else 'A-' || n end`, found: 'A-12346' },
  owner: {
    value: `case when n % 10 = 0 then '' else 'person' || (n * 7919::bigint % 50000) || '@example.net' end`,
    found: 'person7919@example.net',
  },
};

/**
 * A fleet in the tables of the server, made by the database itself: one in twenty devices offline, one in a
 * thousand timed out, one in ten thousand disabled, last seen spread over an hour. A third is encrypted, of one in
 * five hundred it is unknown. The last three sites, at the end of every list by name, run a newer agent than the rest,
 * where one in fifty and one in a thousand run older ones. Keys and capabilities are as long as real ones.
 *
 * @param first the products before it are there already
 */
export async function seedFleet(db: Database, count: number, first = 1): Promise<void> {
  await sql`set statement_timeout = 0`.execute(db);
  if (first === 1) await seedGroups(db);
  const batch = 100_000;
  for (let from = first; from <= count; from += batch) {
    await seedProducts(db, from, Math.min(count, from + batch - 1));
  }
  await sql`select setval('product_number_seq', ${count})`.execute(db);
  for (const table of fleetTables) await sql`vacuum (analyze) ${sql.table(table)}`.execute(db);
}

/** Tables that grow with each product. */
export const fleetTables = [
  'device',
  'managed_product',
  'product_presence',
  'product_instance',
  'directory_group',
] as const;

async function seedGroups(db: Database): Promise<void> {
  await sql`
    insert into directory_group (id, parent_id, name, name_key, path, names, depth)
    select id, ${TOP_GROUP_ID}::uuid, name, lower(name), array[${TOP_GROUP_ID}::uuid, id], array[name], 1
    from (select siteId as id, 'Site ' || lpad(site::text, 3, '0') as name
      from (select site, md5('site' || site)::uuid as siteId from generate_series(1, ${siteCount}) site) s) t
  `.execute(db);
  await sql`
    insert into directory_group (id, parent_id, name, name_key, path, names, depth)
    select md5('room' || site || '-' || room)::uuid, md5('site' || site)::uuid, 'Room ' || room, 'room ' || room,
      array[${TOP_GROUP_ID}::uuid, md5('site' || site)::uuid, md5('room' || site || '-' || room)::uuid],
      array['Site ' || lpad(site::text, 3, '0'), 'Room ' || room], 2
    from generate_series(1, ${siteCount}) site, generate_series(1, ${roomsPerSite}) room
  `.execute(db);
}

async function seedProducts(db: Database, first: number, last: number): Promise<void> {
  const plain = plainFields.flatMap((name) => [
    { column: columnOf(name), value: sql.raw(plainFleet[name].value) },
    { column: keyColumnOf(name), value: sql`lower(${sql.raw(plainFleet[name].value)})` },
  ]);
  const plainColumns = plain.map(({ column }) => sql`, ${sql.ref(column)}`);
  const plainValues = plain.map(({ value }) => sql`, ${value}`);
  const plainText = plainFields.map((name) => sql` || E'\n' || lower(${sql.raw(plainFleet[name].value)})`);
  await sql`
      with fleet as (
        select n, (lpad(to_hex(1767225600000 + n), 12, '0') || '7' || substr(md5('device' || n), 1, 3) || '8'
            || substr(md5('device' || n), 4, 15))::uuid as id, 1 + n % ${siteCount} as site, 1 + (n / ${siteCount}) % ${roomsPerSite} as room,
          'site' || lpad((1 + n % ${siteCount})::text, 3, '0') || '-pc-' || lpad(n::text, 7, '0') as name,
          (array['Debian GNU/Linux 12 (bookworm)', 'Debian GNU/Linux 13 (trixie)', 'Windows 11 Pro', 'macOS 26'])[1 + n % 4] as system,
          (array['linux', 'linux', 'windows', 'macos'])[1 + n % 4] as platform,
          '10.' || (n / 65536) % 256 || '.' || (n / 256) % 256 || '.' || n % 256 as address,
          case when n % 100 >= 97 then '1.1.0' when n % 50 = 1 then '0.9.4' when n % 997 = 0 then '0.8.0' else '1.0.0' end
            as version,
          case when n % 500 = 11 then null else n % 3 = 0 end as encrypted
        from generate_series(${first}::int, ${last}::int) n
      ), devices as (
        insert into device (id, group_id, product_number, reported_name, platform, system, address, agent_version,
          is_encrypted, hardware_id, registered_at, name_key, system_key, address_key, search_text
          ${sql.join(plainColumns, sql``)})
        select id, md5('room' || site || '-' || room)::uuid, n, name, platform, system, address, version, encrypted,
          md5('hardware' || n), timestamptz '2026-01-01' + n * interval '1 second', name, lower(system),
          '4' || lpad(to_hex((n / 65536) % 256), 4, '0') || lpad(to_hex(n % 65536), 4, '0'),
          E'\n' || name || E'\n' || address || E'\n' || lower(system) ${sql.join(plainText, sql``)}
          ${sql.join(plainValues, sql``)}
        from fleet
      ), products as (
        insert into managed_product (number, device_id, kind, name, version, key_thumbprint, public_jwk, epoch, transport,
          capabilities, registered_at)
        select n, id, 'agent', 'Holdfast agent', '1.0.0', left(encode(sha256(('key' || n)::bytea), 'base64'), 43),
          jsonb_build_object('kty', 'EC', 'crv', 'P-256', 'x', left(encode(sha256(('x' || n)::bytea), 'base64'), 43),
            'y', left(encode(sha256(('y' || n)::bytea), 'base64'), 43)),
          1, 'udp-acknowledged', '{"capabilityVersion": 1, "udp": true, "commands": ["collect-inventory",
            "synchronise-now", "restart-agent", "upload-logs", "handshake-again", "set-log-level", "run-health-check"]}',
          timestamptz '2026-01-01' from fleet
      ), instances as (
        insert into product_instance (product_number, instance, state, hardware_id, device_name, remote_address, first_epoch,
          last_epoch, challenged_at, first_seen_at, last_seen_at)
        select n, md5('instance' || n)::uuid, 'admitted', md5('hardware' || n), name, address, 1, 1,
          timestamptz '2026-01-01', timestamptz '2026-01-01', timestamptz '2026-01-01' from fleet
      )
      insert into product_presence (product_number, status, reason, last_seen_at, epoch, interval_ms, activity)
      select n, case when n % 10000 = 7 then 'disabled' when n % 1000 = 5 then 'timed-out' when n % 20 = 3 then 'offline'
        else 'online' end, 'heartbeat-udp', timestamptz '2026-11-22' - (n::bigint * 7919 % 3600) * interval '1 second', 1, 60000,
        jsonb_build_object('uptimeS', n, 'agentMemoryKiB', 64000 + n % 4000, 'memoryInUsePercent', n % 100,
          'loadAverageHundredths', n % 300, 'systemVolumeFreePercent', n % 90) from fleet`.execute(db);
}

/**
 * Runs `work` while the tables of the fleet have none of the indexes that no rule needs, and makes these anew afterwards: for very
 * many rows that takes a fraction of the time.
 */
export async function withoutIndexes(db: Database, work: () => Promise<void>): Promise<void> {
  const { rows } = await sql<{ name: string; definition: string }>`
    select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition from pg_index i
    where not i.indisunique and i.indrelid::regclass::text = any(${[...fleetTables]}::text[])`.execute(db);
  for (const { name } of rows) await sql`drop index ${sql.ref(name)}`.execute(db);
  await work();
  for (const { definition } of rows) await sql.raw(definition).execute(db);
}

/** Tags of the fleet by what their devices are: how many of a hundred, and where they stand in the order of names. */
export const fleetTags = {
  one: 'n % 100 = 0',
  third: 'n % 10 < 3',
  lastSites: 'n % 100 >= 97',
  lastFifth: 'n % 100 >= 80',
  nearlyAll: 'n % 1000 <> 1',
} as const;

/** Puts these tags on a fleet that is there. */
export async function seedTags(db: Database): Promise<void> {
  for (const [name, condition] of Object.entries(fleetTags)) {
    await sql`
      insert into tag (id, name, name_key, description, colour, created_at, created_by)
      values (md5('tag' || ${name})::uuid, ${name}, lower(${name}), '', 'grey', now(), 'benchmark')`.execute(
      db,
    );
    await sql`
      insert into tag_device (tag_id, device_id, name_key)
      select md5('tag' || ${name})::uuid, id, name_key
      from (select id, name_key, product_number as n from device) d where ${sql.raw(condition)}`.execute(db);
  }
  await sql`vacuum (analyze) tag_device`.execute(db);
}
