import { sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/database.ts';
import type { ThrottleKind, ThrottleState } from './throttle-rules.ts';

export interface ThrottleKey {
  readonly kind: ThrottleKind;
  readonly keyHash: Buffer;
}

/** True when this name signed in from this address before. The same statement runs for names that nobody has. */
export async function isKnownOrigin(
  database: Database,
  nameKey: string,
  addressHash: Buffer,
): Promise<boolean> {
  const { rows } = await sql<{ known: boolean }>`
    select exists (
      select 1 from sign_in_origin
      join administrator on administrator.id = sign_in_origin.administrator_id
      where administrator.name_key = ${nameKey} and sign_in_origin.address_hash = ${addressHash}
    ) as known
  `.execute(database);
  return rows[0]?.known === true;
}

export async function recordOrigin(
  transaction: Transaction,
  administratorId: string,
  addressHash: Buffer,
  at: Date,
): Promise<void> {
  await transaction
    .insertInto('sign_in_origin')
    .values({ administrator_id: administratorId, address_hash: addressHash, last_success_at: at })
    .onConflict((conflict) =>
      conflict.columns(['administrator_id', 'address_hash']).doUpdateSet({ last_success_at: at }),
    )
    .execute();
}

/**
 * Locks the counter, made if need be, until the transaction ends. Callers lock in one order of kinds, so that two
 * attempts never wait for each other.
 */
export async function lockThrottle(
  transaction: Transaction,
  key: ThrottleKey,
  now: Date,
): Promise<ThrottleState> {
  const { rows } = await sql<{ failures: number; last_attempt_at: Date; blocked_until: Date | null }>`
    insert into sign_in_throttle as known (kind, key_hash, failures, last_attempt_at)
    values (${key.kind}, ${key.keyHash}, 0, ${now})
    on conflict (kind, key_hash) do update set failures = known.failures
    returning failures, last_attempt_at, blocked_until
  `.execute(transaction);
  const row = rows[0];
  if (row === undefined) throw new Error('An upsert that returns its row returned none');
  return {
    failures: row.failures,
    lastAttemptAtMs: row.last_attempt_at.getTime(),
    blockedUntilMs: row.blocked_until?.getTime() ?? null,
  };
}

export async function saveThrottle(
  transaction: Transaction,
  key: ThrottleKey,
  state: ThrottleState,
): Promise<void> {
  await transaction
    .updateTable('sign_in_throttle')
    .set({
      failures: state.failures,
      last_attempt_at: new Date(state.lastAttemptAtMs),
      blocked_until: state.blockedUntilMs === null ? null : new Date(state.blockedUntilMs),
    })
    .where('kind', '=', key.kind)
    .where('key_hash', '=', key.keyHash)
    .execute();
}

export async function deleteThrottle(transaction: Transaction, key: ThrottleKey): Promise<void> {
  await transaction
    .deleteFrom('sign_in_throttle')
    .where('kind', '=', key.kind)
    .where('key_hash', '=', key.keyHash)
    .execute();
}

export async function deleteOldThrottles(database: Database, lastAttemptBefore: Date): Promise<number> {
  const result = await database
    .deleteFrom('sign_in_throttle')
    .where('last_attempt_at', '<', lastAttemptBefore)
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}

/** Addresses from which nobody signed in for long are strangers again. */
export async function deleteOldOrigins(database: Database, lastSuccessBefore: Date): Promise<number> {
  const result = await database
    .deleteFrom('sign_in_origin')
    .where('last_success_at', '<', lastSuccessBefore)
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}
