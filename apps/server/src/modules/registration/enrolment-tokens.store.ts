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

/**
 * Counts one use. The row is locked by the statement itself, so that of many who come for the last use one gets it.
 *
 * @returns false when there is no use left, or the token has ended meanwhile
 */
export async function takeTokenUse(transaction: Transaction, tokenId: string, now: Date): Promise<boolean> {
  const result = await sql`
    update enrolment_token set uses = uses + 1
    where id = ${tokenId} and revoked_at is null and expires_at > ${now} and (max_uses is null or uses < max_uses)
  `.execute(transaction);
  return (result.numAffectedRows ?? 0n) === 1n;
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
