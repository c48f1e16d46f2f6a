import type { ApiKey } from '@holdfast/api';
import { type Selectable, sql, type SqlBool } from 'kysely';
import type { Database, Transaction } from '../../platform/database/database.ts';
import type { ApiKeyTable } from './access.tables.ts';
import { selectGrants, type StoredGrant } from './grants.store.ts';

export type ApiKeyRow = Selectable<ApiKeyTable>;

/** A key with the number of keys that came from it, and whether its group is gone. */
export type ListedApiKeyRow = ApiKeyRow & {
  readonly made_key_count: number;
  readonly is_scope_gone: boolean;
};

/** Where a page of the list begins: after this key. */
export interface ApiKeyPlace {
  readonly createdAt: Date;
  readonly id: string;
}

/** A key with its owner's rights, as far as deciding who calls needs it. */
export interface ApiKeyOwner {
  readonly id: string;
  readonly name: string;
  readonly grants: readonly StoredGrant[];
  readonly expiresAtMs: number | null;
  readonly ownerGrants: readonly StoredGrant[];
  readonly ownerState: 'invited' | 'active' | 'disabled';
}

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
      'api_key.expires_at',
      selectGrants('api_key_id', 'api_key.id').as('grants'),
      selectGrants('administrator_id', 'administrator.id').as('ownerGrants'),
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

/** Newest first. */
export async function listApiKeyRows(
  database: Database,
  page: { readonly after: ApiKeyPlace | undefined; readonly limit: number },
): Promise<ListedApiKeyRow[]> {
  let select = database
    .selectFrom('api_key')
    .selectAll()
    .select([
      sql<number>`(
        with recursive made as (
          select child.id from api_key child where child.made_by_key_id = api_key.id
          union select child.id from api_key child join made on child.made_by_key_id = made.id
        ) select count(*) from made
      )`.as('made_key_count'),
      // The directory's table is read here and never written. A group in the recycle bin may come back.
      sql<boolean>`(scope_group_id is not null and not exists (
        select from directory_group g where g.id = api_key.scope_group_id
      ))`.as('is_scope_gone'),
    ])
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(page.limit);
  const { after } = page;
  if (after !== undefined)
    select = select.where(sql<SqlBool>`(created_at, id) < (${after.createdAt}, ${after.id})`);
  return await select.execute();
}

/**
 * Revokes a key with everything that came from it: the key itself first, then by age. Empty when it was gone already.
 * The caller holds the lock of its owner, under which keys are made: none appears meanwhile.
 */
export async function deleteApiKeyFamily(transaction: Transaction, id: string): Promise<ApiKeyRow[]> {
  const rows = await transaction
    .withRecursive('family', (db) =>
      db
        .selectFrom('api_key')
        .select('api_key.id')
        .where('api_key.id', '=', id)
        .union(
          db
            .selectFrom('api_key')
            .innerJoin('family', 'family.id', 'api_key.made_by_key_id')
            .select('api_key.id'),
        ),
    )
    .deleteFrom('api_key')
    .where('id', 'in', (eb) => eb.selectFrom('family').select('family.id'))
    .returningAll()
    .execute();
  return rows.sort(
    (first, second) =>
      Number(second.id === id) - Number(first.id === id) ||
      first.created_at.getTime() - second.created_at.getTime(),
  );
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

export function toApiKey(row: ListedApiKeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    permissions: [...row.permissions],
    scopeGroupId: row.scope_group_id,
    isScopeGone: row.is_scope_gone,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    madeKeyCount: row.made_key_count,
    expiresAt: row.expires_at?.toISOString() ?? null,
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
  };
}
