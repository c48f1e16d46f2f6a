import { type Selectable, sql } from 'kysely';
import type { Database, Transaction } from '../database/index.ts';
import type { AuditEntryTable } from '../database/schema.ts';
import type { AuditContent, ChainedEntry, ChainHead, ChainLink } from './audit-chain.ts';

/** An entry that was told to the log and has no place in its chain yet. */
export interface UnchainedEntry {
  readonly content: AuditContent;
  readonly contentHash: Uint8Array;
}

/** Inserts entries that wait for their place, in their order and in one statement. Waits for nobody. */
export async function insertUnchained(
  transaction: Transaction,
  entries: readonly UnchainedEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  await sql`
    insert into audit_unchained (id, ${CONTENT}, content_hash)
    select entry_id, ${CONTENT}, content_hash from ${recordset(entries)} order by place`.execute(transaction);
}

/**
 * Appends entries to the chain itself, in their order, in one statement. Nobody else does until this transaction ends. The
 * database gives the sequence and the hash of the place; see `append_audit_entry` in the migrations.
 */
export async function appendToChain(
  transaction: Transaction,
  entries: readonly UnchainedEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  await sql`
    select append_audit_entry(entry_id, ${CONTENT}, content_hash)
    from (select * from ${recordset(entries)} order by place offset 0) e`.execute(transaction);
}

/** In the order of the parameters of `append_audit_entry`. */
const CONTENT = sql`occurred_at, actor_kind, actor_id, actor_name, action, object_kind, object_id, object_name, scope_group_id,
  details, request_id, remote_address`;

function recordset(entries: readonly UnchainedEntry[]) {
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
  return sql`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as entry (place integer, entry_id uuid,
    occurred_at timestamptz, actor_kind text, actor_id text, actor_name text, action text, object_kind text,
    object_id text, object_name text, scope_group_id uuid, details jsonb, request_id text,
    remote_address inet, content_hash bytea)`;
}

/** That of `append_audit_entry`: whoever gives places does so alone, whatever runs on this database. */
const CHAIN_LOCK = 4_801_202_613;

/** Until the transaction ends. What follows is to be a statement of its own, so that it sees what the one before has written. */
export async function lockChain(transaction: Transaction): Promise<void> {
  await sql`select pg_advisory_xact_lock(${CHAIN_LOCK}::bigint)`.execute(transaction);
}

/** The newest entry of the chain; undefined while there is none. */
export async function findHead(db: Database): Promise<ChainHead | undefined> {
  const { rows } = await sql<ChainHead>`
    select seq as sequence, entry_hash as hash from audit_entry order by seq desc limit 1`.execute(db);
  return rows[0];
}

/** Whether this entry stands in the chain. */
export async function isInChain(db: Database, { sequence, hash }: ChainHead): Promise<boolean> {
  const { rows } = await sql<{ isThere: boolean }>`
    select exists (select from audit_entry where seq = ${sequence} and entry_hash = ${Buffer.from(hash)}) as "isThere"`.execute(
    db,
  );
  return rows[0]?.isThere === true;
}

export async function hasUnchained(db: Database): Promise<boolean> {
  const { rows } = await sql<{ isAny: boolean }>`
    select exists (select from audit_unchained) as "isAny"`.execute(db);
  return rows[0]?.isAny === true;
}

/** What waits and can be seen, in the order of writing. */
export async function listUnchained(
  transaction: Transaction,
  limit: number,
): Promise<{ readonly number: number; readonly id: string; readonly contentHash: Buffer }[]> {
  const { rows } = await sql<{ number: number; id: string; contentHash: Buffer }>`
    select number, id, content_hash as "contentHash" from audit_unchained order by number limit ${limit}`.execute(
    transaction,
  );
  return rows;
}

/** Moves entries that wait to their places in the chain. */
export async function moveToChain(
  transaction: Transaction,
  moves: readonly (ChainLink & { readonly number: number })[],
): Promise<void> {
  const numbers = moves.map(({ number }) => number);
  const bytes = (hash: Uint8Array | null): Buffer | null => (hash === null ? null : Buffer.from(hash));
  await sql`
    insert into audit_entry (id, seq, ${CONTENT}, previous_hash, entry_hash) overriding system value
    select id, m.seq, ${CONTENT}, m.previous_hash, m.entry_hash
    from unnest(${numbers}::bigint[], ${moves.map(({ sequence }) => sequence)}::bigint[],
      ${moves.map(({ previousHash }) => bytes(previousHash))}::bytea[],
      ${moves.map(({ entryHash }) => bytes(entryHash))}::bytea[]) as m (number, seq, previous_hash, entry_hash)
    join audit_unchained u using (number) order by m.seq`.execute(transaction);
  await sql`delete from audit_unchained where number = any(${numbers}::bigint[])`.execute(transaction);
}

/** Of these entries, those that have their place. */
export async function listChained(db: Database, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ id: string }>`
    select id from audit_entry where id = any(${[...ids]}::uuid[])`.execute(db);
  return new Set(rows.map(({ id }) => id));
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
