import type { Permission, Role } from '@holdfast/api';
import { foldName } from '@holdfast/kernel';
import { type Selectable, sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/database.ts';
import type { AccessRoleTable } from './access.tables.ts';
import { knownPermissions } from './stored-grants.ts';

export type RoleRow = Selectable<AccessRoleTable>;

/** The built-in ones in the order in which they came, then the others by name. */
export async function listRoles(database: Database): Promise<Role[]> {
  const rows = await database
    .selectFrom('access_role')
    .selectAll()
    .select(
      sql<number>`(select count(distinct administrator_id) from access_grant where role_id = access_role.id)`.as(
        'holder_count',
      ),
    )
    .orderBy('is_built_in', 'desc')
    .orderBy(sql`case when is_built_in then id::text end`)
    .orderBy('name_key')
    .execute();
  return rows.map((row) => toRole(row, row.holder_count));
}

export async function countRoles(database: Database): Promise<number> {
  const row = await database
    .selectFrom('access_role')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return row.count;
}

/** The row stays as it is until the transaction ends: whoever gives the role knows what is in it. */
export async function findRoleForShare(transaction: Transaction, id: string): Promise<RoleRow | undefined> {
  return await transaction
    .selectFrom('access_role')
    .selectAll()
    .where('id', '=', id)
    .forShare()
    .executeTakeFirst();
}

/** The row stays locked until the transaction ends. */
export async function findRoleForUpdate(transaction: Transaction, id: string): Promise<RoleRow | undefined> {
  return await transaction
    .selectFrom('access_role')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
}

export async function insertRole(transaction: Transaction, row: RoleRow): Promise<void> {
  await transaction.insertInto('access_role').values(row).execute();
}

export async function updateRole(
  transaction: Transaction,
  id: string,
  values: {
    readonly name: string;
    readonly description: string;
    readonly permissions: readonly Permission[];
    readonly revision: number;
  },
): Promise<RoleRow> {
  return await transaction
    .updateTable('access_role')
    .set({ ...values, permissions: [...values.permissions], name_key: foldName(values.name) })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** With every grant of it. */
export async function deleteRole(transaction: Transaction, id: string): Promise<void> {
  await transaction.deleteFrom('access_role').where('id', '=', id).execute();
}

export function toRole(row: RoleRow, holderCount: number): Role {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    permissions: [...knownPermissions(row.permissions)],
    isBuiltIn: row.is_built_in,
    revision: row.revision,
    holderCount,
  };
}
