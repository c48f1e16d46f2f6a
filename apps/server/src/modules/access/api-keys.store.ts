import type { ApiKey, Permission, Role } from '@holdfast/api';
import { type Selectable, sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/database.ts';
import type { ApiKeyTable } from './access.tables.ts';

export type ApiKeyRow = Selectable<ApiKeyTable>;

/** A key with its owner's rights, as far as deciding who calls needs it. */
export interface ApiKeyOwner {
  readonly id: string;
  readonly name: string;
  readonly permissions: Permission[];
  readonly scopeGroupId: string | null;
  readonly expiresAtMs: number | null;
  readonly ownerRole: Role;
  readonly ownerState: 'invited' | 'active' | 'disabled';
}

const MAX_LISTED = 2_000;

export async function insertApiKey(transaction: Transaction, row: ApiKeyRow): Promise<void> {
  await transaction.insertInto('api_key').values(row).execute();
}

export async function findApiKeyOwner(
  database: Database,
  by: { readonly keyHash: Buffer } | { readonly apiKeyId: string },
): Promise<ApiKeyOwner | undefined> {
  const query = database
    .selectFrom('api_key')
    .innerJoin('administrator', 'administrator.id', 'api_key.owner_id')
    .select([
      'api_key.id',
      'api_key.name',
      'api_key.permissions',
      'api_key.scope_group_id as scopeGroupId',
      'api_key.expires_at',
      'administrator.role as ownerRole',
      'administrator.state as ownerState',
    ]);
  const row = await ('keyHash' in by
    ? query.where('api_key.key_hash', '=', by.keyHash)
    : query.where('api_key.id', '=', by.apiKeyId)
  ).executeTakeFirst();
  if (row === undefined) return undefined;
  const { expires_at, ...owner } = row;
  return { ...owner, expiresAtMs: expires_at?.getTime() ?? null };
}

export async function findApiKey(database: Database, id: string): Promise<ApiKeyRow | undefined> {
  return await database.selectFrom('api_key').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function listApiKeyRows(database: Database): Promise<ApiKeyRow[]> {
  return await database
    .selectFrom('api_key')
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(MAX_LISTED)
    .execute();
}

/** Revokes one key. False when it was gone already. */
export async function deleteApiKey(transaction: Transaction, id: string): Promise<boolean> {
  const result = await transaction.deleteFrom('api_key').where('id', '=', id).executeTakeFirst();
  return result.numDeletedRows > 0n;
}

export async function deleteApiKeysOf(transaction: Transaction, ownerId: string): Promise<string[]> {
  const rows = await transaction
    .deleteFrom('api_key')
    .where('owner_id', '=', ownerId)
    .returning('id')
    .execute();
  return rows.map((row) => row.id);
}

/** Writes the uses of many keys in one statement. */
export async function recordApiKeyUses(database: Database, uses: ReadonlyMap<string, Date>): Promise<void> {
  if (uses.size === 0) return;
  await sql`
    update api_key set last_used_at = greatest(api_key.last_used_at, used.at)
    from unnest(${[...uses.keys()]}::uuid[], ${[...uses.values()]}::timestamptz[]) as used (id, at)
    where api_key.id = used.id
  `.execute(database);
}

export function toApiKey(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    permissions: [...row.permissions],
    scopeGroupId: row.scope_group_id,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    expiresAt: row.expires_at?.toISOString() ?? null,
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
  };
}
