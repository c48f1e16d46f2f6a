import type { CommunicationMode, Transport } from '@holdfast/api';
import { sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/index.ts';
import './directory.tables.ts';
import { changingFields, type DeviceRecordFields } from './device-columns.ts';
import { selectFields, toColumns } from './device-columns.store.ts';

/** A device as the use cases of moving and removing see it. */
export interface DeviceRecord {
  readonly id: string;
  readonly name: string;
  readonly groupId: string;
  readonly groupPath: readonly string[];
  readonly groupNames: readonly string[];
  readonly productNumber: number;
  readonly reportedName: string;
}

/** A product of a device, as its page shows it. */
export interface ProductRow {
  readonly number: number;
  readonly kind: string;
  readonly name: string;
  readonly version: string;
  readonly keyThumbprint: string;
  readonly state: 'active' | 'disabled';
  readonly transport: Transport;
  readonly transportReason: string;
  readonly mode: CommunicationMode;
  readonly modeReason: string;
  readonly registeredAt: Date;
  readonly lastHandshakeAt: Date | null;
  readonly clockSkewMs: number | null;
}

export interface InventoryRow {
  readonly collectedAt: Date;
  readonly receivedAt: Date;
  readonly facts: unknown;
}

interface RawDevice {
  readonly id: string;
  readonly group_id: string;
  readonly group_path: string[];
  readonly group_names: string[];
  readonly product_number: number;
  readonly reported_name: string;
  readonly display_name: string | null;
}

const DEVICE = sql`d.id, d.group_id, g.path::text[] as group_path, g.names as group_names, d.product_number,
  d.reported_name, d.display_name`;

/** Devices outside the recycle bin, locked in the order of their ids, so that two bulk changes never wait in a ring. */
export async function lockDevices(transaction: Transaction, ids: readonly string[]): Promise<DeviceRecord[]> {
  const { rows } = await sql<RawDevice>`
    select ${DEVICE} from device d join directory_group g on g.id = d.group_id
    where d.id = any(${ids}::uuid[]) and d.removed_item_id is null
    order by d.id for update of d`.execute(transaction);
  return rows.map(toRecord);
}

/** Keeps devices from being changed by administrators, who lock them, and not from what they report of themselves. In the order of their ids. */
export async function holdDeviceRows(transaction: Transaction, ids: readonly string[]): Promise<void> {
  await sql`
    select 1 from device where id = any(${ids}::uuid[]) order by id for key share`.execute(transaction);
}

/** Devices outside the recycle bin, without a lock. */
export async function listDevices(db: Database, ids: readonly string[]): Promise<DeviceRecord[]> {
  const { rows } = await sql<RawDevice>`
    select ${DEVICE} from device d join directory_group g on g.id = d.group_id
    where d.id = any(${ids}::uuid[]) and d.removed_item_id is null
    order by d.id`.execute(db);
  return rows.map(toRecord);
}

export async function moveDevices(
  transaction: Transaction,
  ids: readonly string[],
  groupId: string,
): Promise<void> {
  await sql`update device set group_id = ${groupId} where id = any(${ids}::uuid[])`.execute(transaction);
}

/** What is known of a device, in any state, locked. */
export async function lockDeviceFields(
  transaction: Transaction,
  deviceId: string,
): Promise<DeviceRecordFields | undefined> {
  const { rows } = await sql<DeviceRecordFields>`
    select d.reported_name as "reportedName", d.display_name as "displayName", d.architecture,
      d.installation_id as "installationId", ${selectFields('d', changingFields)}
    from device d where d.id = ${deviceId} for update`.execute(transaction);
  return rows[0];
}

/** Writes what is known of a device now, with everything that is derived from it. */
export async function writeDeviceFields(
  transaction: Transaction,
  deviceId: string,
  fields: DeviceRecordFields,
): Promise<void> {
  await sql`update device set ${toColumns(fields)} where id = ${deviceId}`.execute(transaction);
}

/** Puts devices into the recycle bin, each as the item that names it. */
export async function recycleDevices(
  transaction: Transaction,
  items: readonly { readonly id: string; readonly objectId: string }[],
): Promise<void> {
  await sql`
    update device d set removed_item_id = i.item_id
    from unnest(${items.map((item) => item.objectId)}::uuid[], ${items.map((item) => item.id)}::uuid[])
      as i (device_id, item_id)
    where d.id = i.device_id`.execute(transaction);
}

/** Whether the products that stand for these devices may speak with the server. Locked in the order of their numbers. */
export async function findProductStates(
  db: Database,
  devices: readonly { readonly productNumber: number }[],
  lock: 'locked' | 'unlocked',
): Promise<ReadonlyMap<number, 'active' | 'disabled'>> {
  const { rows } = await sql<{ number: number; state: 'active' | 'disabled' }>`
    select number, state from managed_product
    where number = any(${devices.map((device) => device.productNumber)}::bigint[])
    order by number ${lock === 'locked' ? sql`for update` : sql``}`.execute(db);
  return new Map(rows.map((row) => [row.number, row.state]));
}

export async function setProductStates(
  transaction: Transaction,
  numbers: readonly number[],
  state: 'active' | 'disabled',
): Promise<void> {
  await sql`
    update managed_product set state = ${state} where number = any(${numbers}::bigint[])`.execute(
    transaction,
  );
}

export async function listProducts(db: Database, deviceId: string): Promise<ProductRow[]> {
  return await db
    .selectFrom('managed_product')
    .select([
      'number',
      'kind',
      'name',
      'version',
      'key_thumbprint as keyThumbprint',
      'state',
      'transport',
      'transport_reason as transportReason',
      'mode',
      'mode_reason as modeReason',
      'registered_at as registeredAt',
      'last_handshake_at as lastHandshakeAt',
      'clock_skew_ms as clockSkewMs',
    ])
    .where('device_id', '=', deviceId)
    .orderBy('number')
    .limit(100)
    .execute();
}

/** The facts of a device. Another module keeps them, and only it writes them. */
export async function findInventory(db: Database, deviceId: string): Promise<InventoryRow | undefined> {
  const { rows } = await sql<{ collected_at: Date; received_at: Date; facts: unknown }>`
    select collected_at, received_at, facts from device_inventory where device_id = ${deviceId}`.execute(db);
  const [row] = rows;
  return row && { collectedAt: row.collected_at, receivedAt: row.received_at, facts: row.facts };
}

function toRecord(row: RawDevice): DeviceRecord {
  return {
    id: row.id,
    name: row.display_name ?? row.reported_name,
    groupId: row.group_id,
    groupPath: row.group_path,
    groupNames: row.group_names,
    productNumber: row.product_number,
    reportedName: row.reported_name,
  };
}
