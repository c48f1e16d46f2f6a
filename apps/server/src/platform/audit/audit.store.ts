import { sql } from 'kysely';
import type { Transaction } from '../database/index.ts';
import type { AuditContent } from './audit-chain.ts';

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
