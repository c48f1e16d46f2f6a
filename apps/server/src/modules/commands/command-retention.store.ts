import { sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/index.ts';

/**
 * Hides commands that are over and expired before this moment. An absent next expiry says that the last of their
 * targets has ended. Their idempotency keys can be used again from now on.
 *
 * @returns how many
 */
export async function hideOldCommands(
  database: Database,
  query: { readonly expiredBefore: Date; readonly now: Date; readonly limit: number },
): Promise<number> {
  const { numAffectedRows } = await sql`
    update command set removed_at = ${query.now}, idempotency_key = null where id in (
      select id from command where next_expiry_at is null and removed_at is null and expires_at < ${query.expiredBefore}
      order by expires_at limit ${query.limit} for update skip locked)
  `.execute(database);
  return Number(numAffectedRows ?? 0n);
}

export async function listHiddenCommands(database: Database, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from command where removed_at is not null order by removed_at, id limit ${limit}
  `.execute(database);
  return rows.map((row) => row.id);
}

/** @returns the products of the removed targets, in order */
export async function removeTargets(
  database: Database,
  commandId: string,
  after: number,
  limit: number,
): Promise<number[]> {
  const { rows } = await sql<{ product_number: number }>`
    delete from command_target where command_id = ${commandId}::uuid and product_number in (
      select product_number from command_target where command_id = ${commandId}::uuid and product_number > ${after}
      order by product_number limit ${limit})
    returning product_number
  `.execute(database);
  return rows.map((row) => row.product_number).sort((left, right) => left - right);
}

/** Of a command whose targets are gone. */
export async function removeCommand(database: Database | Transaction, commandId: string): Promise<void> {
  await sql`delete from command where id = ${commandId}::uuid and removed_at is not null`.execute(database);
}
