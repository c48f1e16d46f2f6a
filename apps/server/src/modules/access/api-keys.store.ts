import type { ApiKey } from '@holdfast/api';
import { type Selectable, sql, type SqlBool } from 'kysely';
import type { Database, Transaction } from '../../platform/database/database.ts';
import type { ApiKeyTable } from './access.tables.ts';
import { countMadeKeys, type Descent, findFamily } from './key-descent.ts';
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

export async function countApiKeysOf(database: Database, ownerId: string): Promise<number> {
  const row = await database
    .selectFrom('api_key')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('owner_id', '=', ownerId)
    .executeTakeFirstOrThrow();
  return row.count;
}

/** How many keys a key came from: its maker, the maker of that and so on. @param limit counts no further */
export async function countMakers(database: Database, id: string, limit: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    with recursive maker (id, depth) as (
      select made_by_key_id, 1 from api_key where id = ${id} and made_by_key_id is not null
      union all
      select k.made_by_key_id, m.depth + 1 from api_key k join maker m on k.id = m.id
      where k.made_by_key_id is not null and m.depth < ${limit}
    ) select count(*) as count from maker`.execute(database);
  return rows[0]?.count ?? 0;
}

/** Removes keys that expired before then. What they made expired before them. @returns how many */
export async function deleteExpiredApiKeys(database: Database, before: Date): Promise<number> {
  const { numDeletedRows } = await database
    .deleteFrom('api_key')
    .where('expires_at', '<', before)
    .executeTakeFirst();
  return Number(numDeletedRows);
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
  const rows = await select.execute();
  const counts = countMadeKeys(await listDescents(database, new Set(rows.map((row) => row.owner_id))));
  return rows.map((row) => ({ ...row, made_key_count: counts.get(row.id) ?? 0 }));
}

/** Of the keys of these accounts, those that keys made. All of a family have one owner. */
async function listDescents(database: Database, ownerIds: ReadonlySet<string>): Promise<Descent[]> {
  const { rows } = await sql<Descent>`
    select id, made_by_key_id as "madeById" from api_key
    where made_by_key_id is not null and owner_id = any(${[...ownerIds]}::uuid[])`.execute(database);
  return rows;
}

/**
 * Revokes a key with everything that came from it: the key itself first, then by age. Empty when it was gone already.
 * The caller holds the lock of accounts, under which keys are made: none appears meanwhile.
 */
export async function deleteApiKeyFamily(transaction: Transaction, id: string): Promise<ApiKeyRow[]> {
  const root = await findApiKey(transaction, id);
  if (root === undefined) return [];
  const family = findFamily(id, await listDescents(transaction, new Set([root.owner_id])));
  const rows = await transaction
    .deleteFrom('api_key')
    .where('id', '=', sql<string>`any(${family}::uuid[])`)
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
