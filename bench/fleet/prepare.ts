import { createHash, randomBytes } from 'node:crypto';
import { deriveKey, KeyLabel, sealReceipt } from '@holdfast/trust';
import { calculateFingerprint } from '@holdfast/trust/certificates';
import type { SavedFleet } from '@holdfast/testkit';
import { sql } from 'kysely';
import { NEW_DEVICES_GROUP_ID } from '../../apps/server/src/modules/directory/index.ts';
import { nameFleet } from '../../packages/testkit/src/fleet/fleet-calls.ts';
import { ProductKeys } from '../../packages/testkit/src/fleet/product-keys.ts';
import type { Site } from '../server/site.ts';

const batch = 10_000;
const capabilities = JSON.stringify({ capabilityVersion: 1, udp: true, commands: ['collect-inventory'] });

/**
 * Writes the records of a simulated fleet straight into the database of a benchmark's own site, before its server starts, as if
 * the fleet had registered: keys, receipts and numbers are real, devices are what their products report, so that what follows is the real protocol.
 *
 * @returns what the fleet would have saved
 */
export async function prepareFleet(site: Site, origin: string, count: number): Promise<SavedFleet> {
  const secret = randomBytes(32);
  const keys = new ProductKeys(secret);
  const receiptKey = deriveKey(site.keys.masterKey, KeyLabel.receipt);
  const name = nameFleet(keys.exportSecret());
  const products: SavedFleet['products'][number][] = [];
  for (let first = 0; first < count; first += batch) {
    const rows = Array.from({ length: Math.min(batch, count - first) }, (_, offset) => {
      const index = first + offset;
      const { publicJwk, thumbprint } = keys.derive(index);
      const id = formatUuid(createHash('sha256').update(`${name} ${index}`).digest());
      return {
        number: index + 1,
        id,
        thumbprint,
        jwk: JSON.stringify(publicJwk),
        name: `sim-${name}-${String(index).padStart(6, '0')}`,
        hardware: `simulated-${name}-${index}`,
      };
    });
    await insertProducts(site, rows);
    for (const { number, id, thumbprint } of rows) {
      const receipt = sealReceipt(receiptKey, {
        productNumber: number,
        thumbprint,
        deviceId: id,
        groupId: NEW_DEVICES_GROUP_ID,
        groupPath: ['New devices'],
        issuedAtMs: Date.now(),
      });
      products.push({ index: number - 1, productNumber: number, epoch: 0, receipt });
    }
  }
  await sql`select setval('product_number_seq', ${count})`.execute(site.db);
  for (const table of ['device', 'managed_product', 'product_presence']) {
    await sql`vacuum (analyze) ${sql.table(table)}`.execute(site.db);
  }
  const { certificate } = site.keys.authority;
  const fingerprint = calculateFingerprint(certificate);
  return { server: origin, authority: certificate, fingerprint, secret: keys.exportSecret(), products };
}

interface PreparedRow {
  readonly number: number;
  readonly id: string;
  readonly thumbprint: string;
  readonly jwk: string;
  readonly name: string;
  readonly hardware: string;
}

async function insertProducts(site: Site, rows: readonly PreparedRow[]): Promise<void> {
  await sql`
    with fleet as (
      select * from unnest(${rows.map((row) => row.number)}::bigint[], ${rows.map((row) => row.id)}::uuid[],
        ${rows.map((row) => row.thumbprint)}::text[], ${rows.map((row) => row.jwk)}::jsonb[],
        ${rows.map((row) => row.name)}::text[], ${rows.map((row) => row.hardware)}::text[]
      ) as f (number, id, thumbprint, jwk, name, hardware)
    ), devices as (
      insert into device (id, group_id, product_number, reported_name, platform, architecture, address, agent_version,
        hardware_id, registered_at, name_key, search_text)
      select id, ${NEW_DEVICES_GROUP_ID}::uuid, number, name, (array['linux', 'windows', 'macos'])[1 + (number - 1) % 3],
        'x64', '127.0.0.1', '0.1.0', hardware, now(), name, E'\n' || name || E'\n127.0.0.1' from fleet
    ), products as (
      insert into managed_product (number, device_id, kind, name, version, key_thumbprint, public_jwk, capabilities,
        registered_at)
      select number, id, 'endpoint-agent', 'Simulated agent', '0.1.0', thumbprint, jwk, ${capabilities}::jsonb, now()
      from fleet
    )
    insert into product_presence (product_number) select number from fleet`.execute(site.db);
}

/** Of the form that the directory asks for. */
function formatUuid(bytes: Buffer): string {
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}
