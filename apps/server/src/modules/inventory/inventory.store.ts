import type { InventoryFacts } from '@holdfast/api';
import { sql } from 'kysely';
import type { Transaction } from '../../platform/database/index.ts';
import './inventory.tables.ts';

export interface StoredInventory {
  readonly deviceId: string;
  readonly collectedAt: Date;
  readonly receivedAt: Date;
  readonly digest: Buffer;
  readonly facts: InventoryFacts;
}

/** What the last inventory said, as far as the next one is compared with it. Locked. */
export interface EarlierInventory {
  readonly digest: Buffer;
  readonly hostName: string | null;
}

export async function lockInventory(
  transaction: Transaction,
  deviceId: string,
): Promise<EarlierInventory | undefined> {
  return await transaction
    .selectFrom('device_inventory')
    .select(['digest', sql<string | null>`facts ->> 'hostName'`.as('hostName')])
    .where('device_id', '=', deviceId)
    .forUpdate()
    .executeTakeFirst();
}

/** One row for each device: the newest facts replace the earlier ones. */
export async function replaceInventory(transaction: Transaction, inventory: StoredInventory): Promise<void> {
  const row = {
    collected_at: inventory.collectedAt,
    received_at: inventory.receivedAt,
    digest: inventory.digest,
    facts: JSON.stringify(inventory.facts),
  };
  await transaction
    .insertInto('device_inventory')
    .values({ device_id: inventory.deviceId, ...row })
    .onConflict((conflict) => conflict.column('device_id').doUpdateSet(row))
    .execute();
}

/** The same facts again: only their times are new. */
export async function touchInventory(
  transaction: Transaction,
  inventory: Pick<StoredInventory, 'deviceId' | 'collectedAt' | 'receivedAt'>,
): Promise<void> {
  await transaction
    .updateTable('device_inventory')
    .set({ collected_at: inventory.collectedAt, received_at: inventory.receivedAt })
    .where('device_id', '=', inventory.deviceId)
    .execute();
}
