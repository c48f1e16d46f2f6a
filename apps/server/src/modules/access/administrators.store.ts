import type { Administrator } from '@holdfast/api';
import { foldName } from '@holdfast/kernel';
import { type Selectable, sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/database.ts';
import type { AdministratorTable } from './access.tables.ts';
import type { GrantRow } from './grants.store.ts';

export type AdministratorRow = Selectable<AdministratorTable>;

export interface NewAdministrator {
  readonly id: string;
  readonly name: string;
  readonly displayName: string;
  readonly state: 'invited' | 'active';
  readonly passwordVerifier: string | null;
  readonly createdAt: Date;
}

// Serialises everything that decides by who else exists: the first account, the last enterprise administrator.
const ACCOUNTS_LOCK = 4_801_001;

/** Held until the transaction ends. Invariant: two transactions never decide by the set of accounts at once. */
export async function lockAccounts(transaction: Transaction): Promise<void> {
  await sql`select pg_advisory_xact_lock(${ACCOUNTS_LOCK})`.execute(transaction);
}

export async function hasAnyAdministrator(database: Database): Promise<boolean> {
  const row = await database.selectFrom('administrator').select('id').limit(1).executeTakeFirst();
  return row !== undefined;
}

export async function insertAdministrator(
  transaction: Transaction,
  account: NewAdministrator,
): Promise<AdministratorRow> {
  return await transaction
    .insertInto('administrator')
    .values({
      id: account.id,
      name: account.name,
      name_key: foldName(account.name),
      display_name: account.displayName,
      state: account.state,
      password_verifier: account.passwordVerifier,
      created_at: account.createdAt,
      password_changed_at: account.passwordVerifier === null ? null : account.createdAt,
      last_sign_in_at: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function findAdministratorByName(
  database: Database,
  name: string,
): Promise<AdministratorRow | undefined> {
  return await database
    .selectFrom('administrator')
    .selectAll()
    .where('name_key', '=', foldName(name))
    .executeTakeFirst();
}

export async function findAdministrator(
  database: Database,
  id: string,
): Promise<AdministratorRow | undefined> {
  return await database.selectFrom('administrator').selectAll().where('id', '=', id).executeTakeFirst();
}

/** The row stays locked until the transaction ends. */
export async function findAdministratorForUpdate(
  transaction: Transaction,
  id: string,
): Promise<AdministratorRow | undefined> {
  return await transaction
    .selectFrom('administrator')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
}

/** The rows stay locked until the transaction ends. Whoever locks several holds the lock of accounts. */
export async function lockAdministrators(transaction: Transaction, ids: readonly string[]): Promise<void> {
  await sql`select 1 from administrator where id = any(${[...ids]}::uuid[]) order by id for update`.execute(
    transaction,
  );
}

/** By name. @param page.after the `name_key` of the last one before */
export async function listAdministratorRows(
  database: Database,
  page: { readonly after: string | undefined; readonly limit: number },
): Promise<AdministratorRow[]> {
  let select = database.selectFrom('administrator').selectAll().orderBy('name_key').limit(page.limit);
  if (page.after !== undefined) select = select.where('name_key', '>', page.after);
  return await select.execute();
}

export async function setState(
  transaction: Transaction,
  id: string,
  state: 'invited' | 'active' | 'disabled',
): Promise<AdministratorRow> {
  return await transaction
    .updateTable('administrator')
    .set({ state })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function setPassword(
  transaction: Transaction,
  id: string,
  passwordVerifier: string,
  changedAt: Date,
): Promise<void> {
  await transaction
    .updateTable('administrator')
    .set({ password_verifier: passwordVerifier, password_changed_at: changedAt })
    .where('id', '=', id)
    .execute();
}

/** An invited account becomes active with its first password. */
export async function activateWithPassword(
  transaction: Transaction,
  id: string,
  passwordVerifier: string,
  at: Date,
): Promise<void> {
  await transaction
    .updateTable('administrator')
    .set({ state: 'active', password_verifier: passwordVerifier, password_changed_at: at })
    .where('id', '=', id)
    .execute();
}

/** An invitation that is repeated may correct the display name. */
export async function updateInvited(
  transaction: Transaction,
  id: string,
  displayName: string,
): Promise<AdministratorRow> {
  return await transaction
    .updateTable('administrator')
    .set({ display_name: displayName })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function recordSignIn(transaction: Transaction, id: string, at: Date): Promise<void> {
  await transaction.updateTable('administrator').set({ last_sign_in_at: at }).where('id', '=', id).execute();
}

/** The same password under the parameters of today; a change made meanwhile wins. */
export async function replaceVerifier(
  database: Database,
  id: string,
  oldVerifier: string,
  newVerifier: string,
): Promise<void> {
  await database
    .updateTable('administrator')
    .set({ password_verifier: newVerifier })
    .where('id', '=', id)
    .where('password_verifier', '=', oldVerifier)
    .execute();
}

export function toAdministrator(row: AdministratorRow, grants: readonly GrantRow[]): Administrator {
  return {
    id: row.id,
    name: row.name,
    displayName: row.display_name,
    grants: grants
      .filter((grant) => grant.administratorId === row.id)
      .map(({ administratorId: _id, administratorName: _name, ...grant }) => grant),
    state: row.state,
    createdAt: row.created_at.toISOString(),
    lastSignInAt: row.last_sign_in_at?.toISOString() ?? null,
  };
}
