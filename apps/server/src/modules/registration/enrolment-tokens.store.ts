import { sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/index.ts';
import type { EnrolmentTokenRecord } from './enrolment-token.ts';
import './registration.tables.ts';

/** A token with the place of its group. */
export interface PlacedToken extends EnrolmentTokenRecord {
  readonly groupPath: readonly string[] | null;
  readonly groupNames: readonly string[] | null;
}

interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly secret_hash: Buffer;
  readonly group_id: string | null;
  readonly max_uses: number | null;
  readonly uses: number;
  readonly is_approval_needed: boolean;
  readonly created_at: Date;
  readonly created_by: string;
  readonly expires_at: Date;
  readonly revoked_at: Date | null;
  readonly group_path: string[] | null;
  readonly group_names: string[] | null;
}

// A group in the recycle bin is no place: what joins goes elsewhere until it is restored.
const TOKEN = sql`t.id, t.name, t.secret_hash, t.group_id, t.max_uses, t.uses, t.is_approval_needed, t.created_at,
  t.created_by, t.expires_at, t.revoked_at, g.path::text[] as group_path, g.names as group_names
  from enrolment_token t left join directory_group g on g.id = t.group_id and g.removed_item_id is null`;

const MAX_LISTED = 2_000;

export async function insertToken(transaction: Transaction, token: EnrolmentTokenRecord): Promise<void> {
  await transaction
    .insertInto('enrolment_token')
    .values({
      id: token.id,
      name: token.name,
      secret_hash: Buffer.from(token.secretHash),
      group_id: token.groupId,
      max_uses: token.maxUses,
      is_approval_needed: token.isApprovalNeeded,
      created_at: token.createdAt,
      created_by: token.createdBy,
      expires_at: token.expiresAt,
    })
    .execute();
}

/** Newest first. */
export async function listTokens(db: Database): Promise<PlacedToken[]> {
  const { rows } = await sql<TokenRow>`
    select ${TOKEN} order by t.created_at desc, t.id desc limit ${MAX_LISTED}`.execute(db);
  return rows.map(toToken);
}

export async function findToken(db: Database, tokenId: string): Promise<PlacedToken | undefined> {
  const { rows } = await sql<TokenRow>`select ${TOKEN} where t.id = ${tokenId}`.execute(db);
  return rows[0] && toToken(rows[0]);
}

export async function findTokens(
  db: Database,
  tokenIds: readonly string[],
): Promise<ReadonlyMap<string, PlacedToken>> {
  const { rows } = await sql<TokenRow>`
    select ${TOKEN} where t.id = any(${[...tokenIds]}::uuid[])`.execute(db);
  return new Map(rows.map((row) => [row.id, toToken(row)]));
}

/**
 * Counts so many uses of each token. The statement itself locks the rows, so that only one of many gets the last use.
 *
 * @returns the tokens of which they were taken: not those that have fewer uses left, or that have ended meanwhile
 */
export async function takeTokenUses(
  transaction: Transaction,
  uses: ReadonlyMap<string, number>,
  now: Date,
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ id: string }>`
    update enrolment_token t set uses = t.uses + u.uses
    from unnest(${[...uses.keys()]}::uuid[], ${[...uses.values()]}::integer[]) as u (id, uses)
    where t.id = u.id and t.revoked_at is null and t.expires_at > ${now}
      and (t.max_uses is null or t.uses + u.uses <= t.max_uses)
    returning t.id`.execute(transaction);
  return new Set(rows.map(({ id }) => id));
}

/** @returns false when it was revoked before */
export async function revokeToken(transaction: Transaction, tokenId: string, now: Date): Promise<boolean> {
  const result = await sql`
    update enrolment_token set revoked_at = ${now} where id = ${tokenId} and revoked_at is null`.execute(
    transaction,
  );
  return (result.numAffectedRows ?? 0n) === 1n;
}

/** Forgets tokens that were revoked or expired before this moment. Devices that joined with them stay. */
export async function deleteEndedTokens(db: Database, endedBefore: Date): Promise<number> {
  const result = await sql`
    delete from enrolment_token where least(revoked_at, expires_at) < ${endedBefore}`.execute(db);
  return Number(result.numAffectedRows ?? 0n);
}

function toToken(row: TokenRow): PlacedToken {
  return {
    id: row.id,
    name: row.name,
    secretHash: row.secret_hash,
    groupId: row.group_id,
    maxUses: row.max_uses,
    uses: row.uses,
    isApprovalNeeded: row.is_approval_needed,
    createdAt: row.created_at,
    createdBy: row.created_by,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    groupPath: row.group_path,
    groupNames: row.group_names,
  };
}
