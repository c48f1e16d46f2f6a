import type { CommunicationMode, Platform, Transport } from '@holdfast/api';
import { sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/index.ts';
import './directory.tables.ts';

/** A managed product with its device and the place of that device. */
export interface ProductRecord {
  readonly number: number;
  readonly deviceId: string;
  readonly deviceName: string;
  readonly kind: string;
  readonly keyThumbprint: string;
  readonly state: 'active' | 'disabled';
  readonly epoch: number;
  /** Command types that it obeys, and what else it can do; parsed by whoever uses it. */
  readonly capabilities: unknown;
  readonly groupId: string;
  readonly groupPath: readonly string[];
  readonly groupNames: readonly string[];
  /** True when it stands for its device: its facts are the device's facts. */
  readonly isPrimary: boolean;
  /** True while its device lies in the recycle bin. It stays registered and goes on reporting. */
  readonly isRecycled: boolean;
}

interface RawProduct {
  readonly number: number;
  readonly device_id: string;
  readonly device_name: string;
  readonly kind: string;
  readonly key_thumbprint: string;
  readonly state: 'active' | 'disabled';
  readonly epoch: number;
  readonly capabilities: unknown;
  readonly group_id: string;
  readonly group_path: string[];
  readonly group_names: string[];
  readonly is_primary: boolean;
  readonly is_recycled: boolean;
}

const PRODUCT = sql`p.number, p.device_id, coalesce(d.display_name, d.reported_name) as device_name, p.kind,
  p.key_thumbprint, p.state, p.epoch, p.capabilities, d.group_id, g.path::text[] as group_path, g.names as group_names,
  d.product_number = p.number as is_primary, d.removed_item_id is not null as is_recycled
  from managed_product p join device d on d.id = p.device_id join directory_group g on g.id = d.group_id`;

export async function findProduct(db: Database, productNumber: number): Promise<ProductRecord | undefined> {
  const { rows } = await sql<RawProduct>`select ${PRODUCT} where p.number = ${productNumber}`.execute(db);
  return rows[0] && toRecord(rows[0]);
}

/** Locked: what follows may rely on its state until the transaction ends. */
export async function lockProduct(
  transaction: Transaction,
  productNumber: number,
): Promise<ProductRecord | undefined> {
  const { rows } = await sql<RawProduct>`
    select ${PRODUCT} where p.number = ${productNumber} for update of p`.execute(transaction);
  return rows[0] && toRecord(rows[0]);
}

/** The same. When the key changes while this waits for the lock, there is no product with it any more. */
export async function lockProductByKey(
  transaction: Transaction,
  keyThumbprint: string,
): Promise<ProductRecord | undefined> {
  const { rows } = await sql<RawProduct>`
    select ${PRODUCT} where p.key_thumbprint = ${keyThumbprint} for update of p`.execute(transaction);
  return rows[0] && toRecord(rows[0]);
}

export async function findProductByKey(
  db: Database,
  keyThumbprint: string,
): Promise<ProductRecord | undefined> {
  const { rows } = await sql<RawProduct>`select ${PRODUCT} where p.key_thumbprint = ${keyThumbprint}`.execute(
    db,
  );
  return rows[0] && toRecord(rows[0]);
}

/** The products that stand for devices outside the recycle bin, locked against removal for good. */
export async function listPrimaryProducts(
  transaction: Transaction,
  by: { readonly deviceIds: readonly string[] } | { readonly numbers: readonly number[] },
): Promise<ProductRecord[]> {
  const condition =
    'deviceIds' in by
      ? sql`d.id = any(${by.deviceIds}::uuid[])`
      : sql`p.number = any(${by.numbers}::bigint[])`;
  const { rows } = await sql<RawProduct>`
    select ${PRODUCT} where ${condition} and d.removed_item_id is null and d.product_number = p.number
    order by p.number for key share of p`.execute(transaction);
  return rows.map(toRecord);
}

export async function setProductState(
  transaction: Transaction,
  productNumber: number,
  state: 'active' | 'disabled',
): Promise<void> {
  await sql`update managed_product set state = ${state} where number = ${productNumber}`.execute(transaction);
}

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
  // The sequence must not come to this number later. Setting it is never taken back, which leaves a gap at worst.
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

export interface HandshakeFacts {
  readonly epoch: number;
  readonly name: string;
  readonly version: string;
  readonly capabilities: object;
  readonly handshakeAt: Date;
  /** Server clock minus product clock. */
  readonly clockSkewMs: number;
  readonly trusts: readonly string[];
}

export async function writeHandshake(
  transaction: Transaction,
  productNumber: number,
  facts: HandshakeFacts,
): Promise<void> {
  await transaction
    .updateTable('managed_product')
    .set({
      epoch: facts.epoch,
      name: facts.name,
      version: facts.version,
      capabilities: JSON.stringify(facts.capabilities),
      last_handshake_at: facts.handshakeAt,
      clock_skew_ms: facts.clockSkewMs,
      trusted_authorities: [...facts.trusts],
    })
    .where('number', '=', productNumber)
    .execute();
}

/** How a product and the server reach each other from now on, and why so. */
export interface ChosenWays {
  readonly transport: Transport;
  readonly transportReason: string;
  readonly mode: CommunicationMode;
  readonly modeReason: string;
  /** Where the product listens and has answered. */
  readonly listener: { readonly address: string; readonly port: number } | undefined;
}

/** @returns false when a later handshake has settled, or is about to settle, its own */
export async function writeWays(
  db: Database,
  productNumber: number,
  epoch: number,
  chosen: ChosenWays,
): Promise<boolean> {
  const updated = await db
    .updateTable('managed_product')
    .set({
      transport: chosen.transport,
      transport_reason: chosen.transportReason,
      mode: chosen.mode,
      mode_reason: chosen.modeReason,
      listener_address: chosen.listener?.address ?? null,
      listener_port: chosen.listener?.port ?? null,
    })
    .where('number', '=', productNumber)
    .where('epoch', '=', epoch)
    .executeTakeFirst();
  return updated.numUpdatedRows > 0n;
}

/** What is stored of a device's facts apart from what is searched. */
export async function writePlainFacts(
  transaction: Transaction,
  deviceId: string,
  facts: Pick<KnownFacts, 'platform' | 'architecture' | 'agentVersion' | 'isEncrypted' | 'installationId'>,
): Promise<void> {
  await transaction
    .updateTable('device')
    .set({
      platform: facts.platform,
      architecture: facts.architecture,
      agent_version: facts.agentVersion,
      is_encrypted: facts.isEncrypted,
      installation_id: facts.installationId,
    })
    .where('id', '=', deviceId)
    .execute();
}

/** What a device said of itself before, in any state, locked. */
export interface KnownFacts {
  readonly reportedName: string;
  readonly displayName: string | null;
  readonly address: string;
  readonly system: string;
  readonly platform: Platform;
  readonly architecture: string;
  readonly agentVersion: string;
  readonly isEncrypted: boolean | null;
  readonly installationId: string | null;
}

export async function lockKnownFacts(
  transaction: Transaction,
  deviceId: string,
): Promise<KnownFacts | undefined> {
  return await transaction
    .selectFrom('device')
    .select([
      'reported_name as reportedName',
      'display_name as displayName',
      'address',
      'system',
      'platform',
      'architecture',
      'agent_version as agentVersion',
      'is_encrypted as isEncrypted',
      'installation_id as installationId',
    ])
    .where('id', '=', deviceId)
    .forUpdate()
    .executeTakeFirst();
}

function toRecord(row: RawProduct): ProductRecord {
  return {
    number: row.number,
    deviceId: row.device_id,
    deviceName: row.device_name,
    kind: row.kind,
    keyThumbprint: row.key_thumbprint,
    state: row.state,
    epoch: row.epoch,
    capabilities: row.capabilities,
    groupId: row.group_id,
    groupPath: row.group_path,
    groupNames: row.group_names,
    isPrimary: row.is_primary,
    isRecycled: row.is_recycled,
  };
}
