import { sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/index.ts';
import type { KnownInstance } from './instance-judgement.ts';
import './registration.tables.ts';

/** How many are remembered of each product. */
const MAX_ADMITTED = 4;
const MAX_REFUSED = 8;
/** A refused instance that only asks again is written at most this often. */
const REWRITE_MS = 60_000;

export interface StoredInstance extends KnownInstance {
  readonly deviceName: string;
  readonly remoteAddress: string;
}

/** The instances of a product. The caller holds the lock of the product. */
export async function listInstances(
  transaction: Transaction,
  productNumber: number,
): Promise<readonly StoredInstance[]> {
  const rows = await transaction
    .selectFrom('product_instance')
    .selectAll()
    .where('product_number', '=', productNumber)
    .execute();
  return rows.map((row) => ({
    instance: row.instance,
    isRefused: row.state === 'refused',
    hardwareId: row.hardware_id,
    firstEpoch: row.first_epoch,
    lastEpoch: row.last_epoch,
    challengedAtMs: row.challenged_at.getTime(),
    firstSeenAtMs: row.first_seen_at.getTime(),
    deviceName: row.device_name,
    remoteAddress: row.remote_address,
  }));
}

export interface SeenInstance {
  readonly productNumber: number;
  readonly instance: string;
  readonly state: 'admitted' | 'refused';
  readonly hardwareId: string | null;
  readonly deviceName: string;
  readonly remoteAddress: string;
  /** Of this handshake, or of the last one that was admitted. */
  readonly epoch: number;
  readonly challengedAtMs: number;
  readonly seenAt: Date;
}

/** Writes what is seen of an instance, and forgets those that nobody needs any more. */
export async function writeInstance(transaction: Transaction, seen: SeenInstance): Promise<void> {
  const silentSince = new Date(seen.seenAt.getTime() - REWRITE_MS);
  const written = await sql<{ is_new: boolean }>`
    insert into product_instance as known (product_number, instance, state, hardware_id, device_name, remote_address,
      first_epoch, last_epoch, challenged_at, first_seen_at, last_seen_at)
    values (${seen.productNumber}, ${seen.instance}, ${seen.state}, ${seen.hardwareId}, ${seen.deviceName},
      ${seen.remoteAddress}, ${seen.epoch}, ${seen.epoch}, ${new Date(seen.challengedAtMs)}, ${seen.seenAt}, ${seen.seenAt})
    on conflict (product_number, instance) do update set state = excluded.state, hardware_id = excluded.hardware_id,
      device_name = excluded.device_name, remote_address = excluded.remote_address, last_epoch = excluded.last_epoch,
      challenged_at = excluded.challenged_at, last_seen_at = excluded.last_seen_at
    where excluded.state = 'admitted' or known.state = 'admitted' or known.last_seen_at < ${silentSince}
    returning xmax = 0 as is_new`.execute(transaction);
  if (written.rows[0]?.is_new === true) await forgetOldest(transaction, seen.productNumber);
}

export async function refuseInstance(
  transaction: Transaction,
  productNumber: number,
  instance: string,
): Promise<void> {
  await sql`update product_instance set state = 'refused'
    where product_number = ${productNumber} and instance = ${instance}`.execute(transaction);
}

async function forgetOldest(transaction: Transaction, productNumber: number): Promise<void> {
  await sql`
    delete from product_instance where product_number = ${productNumber} and instance in (
      select instance from (
        select instance, state, row_number() over (partition by state order by last_epoch desc, last_seen_at desc) as place
        from product_instance where product_number = ${productNumber}
      ) placed where place > case state when 'admitted' then ${MAX_ADMITTED}::int else ${MAX_REFUSED}::int end
    )`.execute(transaction);
}

/** The copy with this hardware has a record of its own now. */
export async function settleCopies(
  transaction: Transaction,
  productNumber: number,
  hardwareId: string | null,
  settledAt: Date,
): Promise<void> {
  await sql`update product_instance set settled_at = ${settledAt}
    where product_number = ${productNumber} and state = 'refused' and hardware_id is not distinct from ${hardwareId}`.execute(
    transaction,
  );
}

/** Copies that have not asked for so long are gone. */
export async function deleteSilentCopies(db: Database, before: Date): Promise<number> {
  const result = await sql`
    delete from product_instance where state = 'refused' and last_seen_at < ${before}`.execute(db);
  return Number(result.numAffectedRows ?? 0n);
}
