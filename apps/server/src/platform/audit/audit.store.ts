import { sql } from 'kysely';
import type { Transaction } from '../database/index.ts';
import type { ChainedEntry } from './audit-chain.ts';

// Any other constant would do as well.
const CHAIN_LOCK = 4_801_202_613;

/**
 * The last entry of the chain, and nobody else appends until this transaction ends. Two statements: the second must see
 * what was committed while the first waited.
 */
export async function lockChainHead(
  transaction: Transaction,
): Promise<Pick<ChainedEntry, 'sequence' | 'entryHash'> | undefined> {
  await sql`select pg_advisory_xact_lock(${CHAIN_LOCK})`.execute(transaction);
  const row = await transaction
    .selectFrom('audit_entry')
    .select(['seq', 'entry_hash'])
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : { sequence: row.seq, entryHash: row.entry_hash };
}

/** The sequence is given here and not by the database, so that an entry that is taken back leaves no gap. */
export async function insertAuditEntry(transaction: Transaction, entry: ChainedEntry): Promise<void> {
  const { content } = entry;
  await sql`
    insert into audit_entry (
      id, seq, occurred_at, actor_kind, actor_id, actor_name, action, object_kind, object_id, object_name,
      scope_group_id, details, request_id, remote_address, previous_hash, entry_hash
    ) overriding system value values (
      ${content.id}, ${entry.sequence}, ${new Date(content.occurredAtMs)}, ${content.actorKind}, ${content.actorId},
      ${content.actorName}, ${content.action}, ${content.objectKind}, ${content.objectId}, ${content.objectName},
      ${content.scopeGroupId}, ${JSON.stringify(content.details)}, ${content.requestId}, ${content.remoteAddress},
      ${entry.previousHash}, ${entry.entryHash}
    )`.execute(transaction);
}
