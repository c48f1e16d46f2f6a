import { type Selectable, sql } from 'kysely';
import type { Transaction } from '../database/index.ts';
import type { AuditEntryTable } from '../database/schema.ts';
import type { AuditContent, ChainedEntry } from './audit-chain.ts';

/**
 * Appends an entry to the chain. Nobody else appends until this transaction ends. The database gives the sequence and the
 * hash of the place; see `append_audit_entry` in the migrations.
 */
export async function appendAuditEntry(
  transaction: Transaction,
  content: AuditContent,
  contentHash: Uint8Array,
): Promise<void> {
  await sql`
    select append_audit_entry(
      ${content.id}, ${new Date(content.occurredAtMs)}, ${content.actorKind}, ${content.actorId},
      ${content.actorName}, ${content.action}, ${content.objectKind}, ${content.objectId}, ${content.objectName},
      ${content.scopeGroupId}, ${JSON.stringify(content.details)}, ${content.requestId}, ${content.remoteAddress},
      ${contentHash}
    )`.execute(transaction);
}

/** A stored entry as a link of the chain. Every field that the hash covers comes from here. */
export function toChainedEntry(row: Selectable<AuditEntryTable>): ChainedEntry {
  return {
    sequence: row.seq,
    previousHash: row.previous_hash,
    entryHash: row.entry_hash,
    content: {
      id: row.id,
      occurredAtMs: row.occurred_at.getTime(),
      actorKind: row.actor_kind,
      actorId: row.actor_id,
      actorName: row.actor_name,
      action: row.action,
      objectKind: row.object_kind,
      objectId: row.object_id,
      objectName: row.object_name,
      scopeGroupId: row.scope_group_id,
      details: row.details,
      requestId: row.request_id,
      remoteAddress: row.remote_address,
    },
  };
}
