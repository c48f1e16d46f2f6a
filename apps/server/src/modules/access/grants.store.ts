import { builtInRoleIds, type HeldGrant } from '@holdfast/api';
import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/database.ts';
import type { AccessGrantTable } from './access.tables.ts';

/** A grant as it stands in the database, with where its group lies now. Those in groups that are gone are left out. */
export interface StoredGrant {
  /** Null: every permission that there is. Names of other releases may be among them. */
  readonly permissions: readonly string[] | null;
  readonly groupId: string | null;
  /** Ids from the top group down; null for everything. */
  readonly path: readonly string[] | null;
}

export interface GrantRow extends HeldGrant {
  readonly administratorId: string;
  readonly administratorName: string;
}

/**
 * The grants of a holder as a column, so that whoever asks who calls learns in the same round trip what the caller may do.
 *
 * @param holderId the id of an administrator or of an API key, of the query around it
 */
export function selectGrants(
  holder: 'administrator_id' | 'api_key_id',
  holderId: 'administrator.id' | 'api_key.id',
): RawBuilder<readonly StoredGrant[]> {
  return sql`(
    select coalesce(jsonb_agg(jsonb_build_object(
      'permissions', coalesce(g.permissions, r.permissions), 'groupId', g.group_id, 'path', d.path)), '[]')
    from access_grant g left join access_role r on r.id = g.role_id
      left join directory_group d on d.id = g.group_id
    where g.${sql.ref(holder)} = ${sql.ref(holderId)} and (g.group_id is null or d.id is not null))`;
}

/** The grants of one administrator, as they count now. */
export async function listStoredGrants(
  database: Database,
  administratorId: string,
): Promise<readonly StoredGrant[]> {
  const row = await database
    .selectFrom('administrator')
    .select(selectGrants('administrator_id', 'administrator.id').as('grants'))
    .where('id', '=', administratorId)
    .executeTakeFirst();
  return row?.grants ?? [];
}

/** As people see them: also those in groups that are gone. Oldest first, and by name what was given together. */
export async function listGrantRows(
  database: Database,
  of: { readonly administratorIds: readonly string[] } | { readonly roleId: string },
): Promise<GrantRow[]> {
  const condition =
    'roleId' in of
      ? sql`g.role_id = ${of.roleId}::uuid`
      : sql`g.administrator_id = any(${[...of.administratorIds]}::uuid[])`;
  const { rows } = await sql<{
    id: string;
    administrator_id: string;
    administrator_name: string;
    role_id: string;
    role_name: string;
    group_id: string | null;
    names: string[] | null;
    created_at: Date;
    created_by: string;
  }>`
    select g.id, g.administrator_id, a.name as administrator_name, g.role_id, r.name as role_name, g.group_id, d.names,
      g.created_at, g.created_by
    from access_grant g join administrator a on a.id = g.administrator_id join access_role r on r.id = g.role_id
      left join directory_group d on d.id = g.group_id
    where ${condition} order by g.created_at, r.name_key, d.names, g.id`.execute(database);
  return rows.map((row) => ({
    id: row.id,
    administratorId: row.administrator_id,
    administratorName: row.administrator_name,
    roleId: row.role_id,
    roleName: row.role_name,
    groupId: row.group_id,
    groupPath: row.names,
    isGroupGone: row.group_id !== null && row.names === null,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
  }));
}

/** False when the administrator has this role in this place already. */
export async function insertGrant(
  transaction: Transaction,
  grant: Omit<Selectable<AccessGrantTable>, 'api_key_id' | 'permissions'>,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('access_grant')
    .values({ ...grant, api_key_id: null, permissions: null })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function deleteGrant(transaction: Transaction, grantId: string): Promise<void> {
  await transaction.deleteFrom('access_grant').where('id', '=', grantId).execute();
}

export async function deleteGrantsOf(transaction: Transaction, administratorId: string): Promise<void> {
  await transaction.deleteFrom('access_grant').where('administrator_id', '=', administratorId).execute();
}

/** An enterprise administrator has that role on everything. */
export async function countOtherActiveEnterpriseAdministrators(
  transaction: Transaction,
  administratorId: string,
): Promise<number> {
  const row = await transaction
    .selectFrom('administrator')
    .innerJoin('access_grant', 'access_grant.administrator_id', 'administrator.id')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('access_grant.role_id', '=', builtInRoleIds.enterpriseAdministrator)
    .where('access_grant.group_id', 'is', null)
    .where('administrator.state', '=', 'active')
    .where('administrator.id', '<>', administratorId)
    .executeTakeFirstOrThrow();
  return row.count;
}

export function isEnterpriseAdministration(grant: Pick<HeldGrant, 'roleId' | 'groupId'>): boolean {
  return grant.roleId === builtInRoleIds.enterpriseAdministrator && grant.groupId === null;
}
