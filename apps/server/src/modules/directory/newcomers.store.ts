import type { Platform } from '@holdfast/api';
import { sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/index.ts';
import { toAddressKey, toSearchText, toSortKey } from './sort-key.ts';

/**
 * Registrations of one key take turns: two that arrive at once would both find no record, and one of them would fail
 * at the unique key for no fault of its own.
 */
export async function lockKey(transaction: Transaction, keyThumbprint: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`product key ${keyThumbprint}`}, 0))`.execute(
    transaction,
  );
}

/** The same for one piece of hardware. */
export async function lockHardware(transaction: Transaction, hardwareId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`hardware ${hardwareId}`}, 0))`.execute(
    transaction,
  );
}

/** A newcomer: nobody has its key, and no device has its hardware. */
export interface Newcomer {
  readonly keyThumbprint: string;
  readonly hardwareId: string | null;
}

/**
 * Takes the turns of these keys and of this hardware, as `lockKey` and `lockHardware` do, where nobody else has them: waits for nobody.
 *
 * @returns the keys of those that have all of theirs
 */
export async function tryLockNewcomers(
  transaction: Transaction,
  newcomers: readonly Newcomer[],
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ key: string }>`
    select n.key from unnest(${newcomers.map(({ keyThumbprint }) => keyThumbprint)}::text[],
      ${newcomers.map(({ hardwareId }) => hardwareId)}::text[]) as n (key, hardware)
    where pg_try_advisory_xact_lock(hashtextextended('product key ' || n.key, 0))
      and (n.hardware is null or pg_try_advisory_xact_lock(hashtextextended('hardware ' || n.hardware, 0)))`.execute(
    transaction,
  );
  return new Set(rows.map(({ key }) => key));
}

/** Of these keys and pieces of hardware, those that a product or a device has. */
export async function listKnown(
  transaction: Transaction,
  newcomers: readonly Newcomer[],
): Promise<{ readonly keys: ReadonlySet<string>; readonly hardwareIds: ReadonlySet<string> }> {
  const hardwareIds = newcomers.flatMap(({ hardwareId }) => hardwareId ?? []);
  const { rows } = await sql<{ key: string | null; hardware: string | null }>`
    select key_thumbprint as key, null as hardware from managed_product
    where key_thumbprint = any(${newcomers.map(({ keyThumbprint }) => keyThumbprint)}::text[])
    union all
    select null, hardware_id from device where hardware_id = any(${hardwareIds}::text[])`.execute(
    transaction,
  );
  return {
    keys: new Set(rows.flatMap(({ key }) => key ?? [])),
    hardwareIds: new Set(rows.flatMap(({ hardware }) => hardware ?? [])),
  };
}

/** A device that a joining product may belong to, with the kinds of products on it. */
export interface PossibleHome {
  readonly deviceId: string;
  readonly groupPath: readonly string[];
  readonly productKinds: readonly string[];
  readonly isSameHardware: boolean;
  readonly installationId: string | null;
  readonly isRecycled: boolean;
}

/** Devices that report this hardware or have this id, oldest first. */
export async function listPossibleHomes(
  db: Database,
  hardwareId: string | null,
  deviceId: string | null,
): Promise<PossibleHome[]> {
  if (hardwareId === null && deviceId === null) return [];
  const { rows } = await sql<{
    id: string;
    group_path: string[];
    kinds: string[];
    is_same_hardware: boolean | null;
    installation_id: string | null;
    is_recycled: boolean;
  }>`
    select d.id, d.installation_id, g.path::text[] as group_path, d.removed_item_id is not null as is_recycled,
      d.hardware_id = ${hardwareId} as is_same_hardware,
      array(select p.kind from managed_product p where p.device_id = d.id order by p.kind) as kinds
    from device d join directory_group g on g.id = d.group_id
    where d.hardware_id = ${hardwareId} or d.id = ${deviceId}
    order by d.registered_at, d.id limit 100`.execute(db);
  return rows.map((row) => ({
    deviceId: row.id,
    groupPath: row.group_path,
    productKinds: row.kinds,
    isSameHardware: row.is_same_hardware === true,
    installationId: row.installation_id,
    isRecycled: row.is_recycled,
  }));
}

/** Those of these numbers that products have. */
export async function listTakenNumbers(db: Database, numbers: readonly number[]): Promise<Set<number>> {
  const { rows } = await sql<{ number: number }>`
    select number from managed_product where number = any(${numbers}::bigint[])`.execute(db);
  return new Set(rows.map((row) => row.number));
}

/**
 * Claims a number that a product had before.
 *
 * @returns false when another product has it now
 */
export async function takeOldNumber(transaction: Transaction, number: number): Promise<boolean> {
  if ((await listTakenNumbers(transaction, [number])).has(number)) return false;
  // The sequence must not reach this number later. Setting it is never rolled back, which leaves a gap at worst.
  await sql`
    select setval('product_number_seq', greatest(${number}, (select last_value from product_number_seq)))
    from (select is_called, last_value from product_number_seq) s
    where s.last_value < ${number} or not s.is_called`.execute(transaction);
  return true;
}

export async function isDeviceIdFree(transaction: Transaction, deviceId: string): Promise<boolean> {
  const { rows } = await sql<{ is_taken: boolean }>`
    select exists (select from device where id = ${deviceId}) as is_taken`.execute(transaction);
  return rows[0]?.is_taken === false;
}

export interface NewDevice {
  readonly groupId: string;
  readonly name: string;
  readonly platform: Platform;
  readonly architecture: string;
  readonly address: string;
  readonly agentVersion: string;
  readonly hardwareId: string | null;
  readonly installationId: string | null;
  readonly hardwareTwinId: string | null;
}

export interface NewProduct {
  /** The number that it had before; `undefined`: the next one. */
  readonly number: number | undefined;
  readonly deviceId: string;
  readonly kind: string;
  readonly name: string;
  readonly version: string;
  readonly keyThumbprint: string;
  readonly publicJwk: object;
  readonly capabilities: object;
  readonly registeredAt: Date;
}

/**
 * Products and their rows of presence, which live as long as the products, and their devices where those are new: one statement, because
 * a fleet that registers waits for each on its way to the database.
 *
 * @returns the numbers of the products, in their order
 */
export async function insertProducts(
  transaction: Transaction,
  inserted: readonly { readonly product: NewProduct; readonly device: NewDevice | undefined }[],
): Promise<number[]> {
  if (inserted.length === 0) return [];
  const rows = inserted.map(({ product, device }, place) => ({
    place,
    wanted: product.number ?? null,
    device_id: product.deviceId,
    kind: product.kind,
    name: product.name,
    version: product.version,
    key_thumbprint: product.keyThumbprint,
    public_jwk: product.publicJwk,
    capabilities: product.capabilities,
    registered_at: product.registeredAt.toISOString(),
    ...(device === undefined ? {} : describeDevice(device)),
  }));
  const numbered = await sql<{ number: number }>`
    with given as materialized (
      select coalesce(g.wanted, nextval('product_number_seq')) as number, g.*
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as g (place integer, wanted bigint, device_id uuid, kind text,
        name text, version text, key_thumbprint text, public_jwk jsonb, capabilities jsonb, registered_at timestamptz,
        group_id uuid, reported_name text, platform text, architecture text, address text, agent_version text,
        hardware_id text, installation_id text, hardware_twin_id uuid, name_key text, address_key text, search_text text)
      order by g.place
    ), device as (
      insert into device (id, group_id, product_number, reported_name, platform, architecture, address, agent_version,
        hardware_id, installation_id, hardware_twin_id, registered_at, name_key, address_key, search_text)
      select device_id, group_id, number, reported_name, platform, architecture, address, agent_version, hardware_id,
        installation_id, hardware_twin_id, registered_at, name_key, address_key, search_text
      from given where group_id is not null
    ), product as (
      insert into managed_product (number, device_id, kind, name, version, key_thumbprint, public_jwk, capabilities,
        registered_at)
      select number, device_id, kind, name, version, key_thumbprint, public_jwk, capabilities, registered_at from given
    ), presence as (
      insert into product_presence (product_number) select number from given
    )
    select number from given order by place`.execute(transaction);
  const numbers = numbered.rows.map(({ number }) => number);
  if (numbers.length !== rows.length) throw new Error('A product was written and has no number');
  return numbers;
}

/** The columns of a device that is new. */
function describeDevice(device: NewDevice): object {
  const searched = { reportedName: device.name, displayName: null, address: device.address, system: '' };
  return {
    group_id: device.groupId,
    reported_name: device.name,
    platform: device.platform,
    architecture: device.architecture,
    address: device.address,
    agent_version: device.agentVersion,
    hardware_id: device.hardwareId,
    installation_id: device.installationId,
    hardware_twin_id: device.hardwareTwinId,
    name_key: toSortKey(device.name),
    address_key: toAddressKey(device.address),
    search_text: toSearchText(searched),
  };
}
