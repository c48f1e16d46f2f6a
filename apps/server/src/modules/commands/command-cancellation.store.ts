import { sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/index.ts';

/** A cancellation that has been ordered and has not come to every target yet. */
export interface Cancellation {
  readonly id: string;
  readonly commandId: string;
  /** Roots of the groups within which; null for everywhere. */
  readonly scope: readonly string[] | null;
  readonly requestedBy: string;
  /** Every target up to this product has had its turn. */
  readonly after: number;
}

/** False when the same cancellation of the same command is under way. One that ends in this moment is waited for. */
export async function insertCancellation(
  transaction: Transaction,
  cancellation: Cancellation,
  at: Date,
): Promise<boolean> {
  const scope = cancellation.scope === null ? null : [...cancellation.scope].sort();
  const { numAffectedRows } = await sql`
    insert into command_cancellation (id, command_id, scope_group_ids, requested_by, requested_at)
    values (${cancellation.id}, ${cancellation.commandId}, ${scope}::uuid[], ${cancellation.requestedBy}, ${at})
    on conflict (command_id, scope_group_ids) do nothing
  `.execute(transaction);
  return (numAffectedRows ?? 0n) > 0n;
}

/** Oldest first. */
export async function listCancellationIds(database: Database, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from command_cancellation order by requested_at, id limit ${limit}
  `.execute(database);
  return rows.map((row) => row.id);
}

/** Undefined when it is over, or another process is at it. */
export async function claimCancellation(
  transaction: Transaction,
  id: string,
): Promise<Cancellation | undefined> {
  const { rows } = await sql<Cancellation>`
    select id, command_id as "commandId", scope_group_ids::text[] as scope, requested_by as "requestedBy",
      after_product_number as after
    from command_cancellation where id = ${id} for update skip locked
  `.execute(transaction);
  return rows[0];
}

export async function moveCancellation(transaction: Transaction, id: string, after: number): Promise<void> {
  await sql`update command_cancellation set after_product_number = ${after} where id = ${id}`.execute(
    transaction,
  );
}

export async function removeCancellation(transaction: Transaction, id: string): Promise<void> {
  await sql`delete from command_cancellation where id = ${id}`.execute(transaction);
}
