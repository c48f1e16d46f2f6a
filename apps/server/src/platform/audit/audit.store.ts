import { type Selectable, sql } from 'kysely';
import type { Transaction } from '../database/index.ts';
import type { AuditEntryTable } from '../database/schema.ts';
import type { AuditContent, ChainedEntry } from './audit-chain.ts';

/**
 * Appends entries to the chain in their order, in one statement. Nobody else appends until this transaction ends. The
 * database gives the sequence and the hash of the place; see `append_audit_entry` in the migrations.
 */
export async function appendAuditEntries(
  transaction: Transaction,
  entries: readonly { readonly content: AuditContent; readonly contentHash: Uint8Array }[],
): Promise<void> {
  if (entries.length === 0) return;
  const rows = entries.map(({ content, contentHash }, place) => ({
    place,
    entry_id: content.id,
    occurred_at: new Date(content.occurredAtMs).toISOString(),
    actor_kind: content.actorKind,
    actor_id: content.actorId,
    actor_name: content.actorName,
    action: content.action,
    object_kind: content.objectKind,
    object_id: content.objectId,
    object_name: content.objectName,
    scope_group_id: content.scopeGroupId,
    details: content.details,
    request_id: content.requestId,
    remote_address: content.remoteAddress,
    content_hash: `\\x${Buffer.from(contentHash).toString('hex')}`,
  }));
  await sql`
    select append_audit_entry(e.entry_id, e.occurred_at, e.actor_kind, e.actor_id, e.actor_name, e.action,
      e.object_kind, e.object_id, e.object_name, e.scope_group_id, e.details, e.request_id, e.remote_address,
      e.content_hash)
    from (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as entry (place integer, entry_id uuid,
        occurred_at timestamptz, actor_kind text, actor_id text, actor_name text, action text, object_kind text,
        object_id text, object_name text, scope_group_id uuid, details jsonb, request_id text,
        remote_address inet, content_hash bytea)
      order by place offset 0
    ) e`.execute(transaction);
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
