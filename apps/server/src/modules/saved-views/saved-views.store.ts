import type { ViewContent } from '@holdfast/api';
import { foldName } from '@holdfast/kernel';
import { type Generated, type Selectable, sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/index.ts';
import type { Immutable } from '../../platform/database/schema.ts';

export interface SavedViewTable {
  readonly id: Immutable<string>;
  readonly owner_kind: Immutable<string>;
  readonly owner_id: Immutable<string>;
  readonly owner_name: Immutable<string>;
  readonly name: string;
  readonly name_key: string;
  readonly content: unknown;
  readonly is_shared: boolean;
  readonly created_at: Immutable<Date>;
  readonly revision: Generated<number>;
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    saved_view: SavedViewTable;
  }
}

export interface Owner {
  readonly kind: string;
  readonly id: string;
}

export interface SavedViewRecord {
  readonly id: string;
  readonly owner: Owner;
  readonly ownerName: string;
  readonly name: string;
  readonly content: ViewContent;
  readonly isShared: boolean;
  readonly createdAt: Date;
  readonly revision: number;
}

/** Of one owner, and what others share, by name. */
export async function listSavedViews(db: Database, owner: Owner): Promise<SavedViewRecord[]> {
  const rows = await db
    .selectFrom('saved_view')
    .selectAll()
    .where((is) =>
      is.or([
        is.and([is('owner_kind', '=', owner.kind), is('owner_id', '=', owner.id)]),
        is('is_shared', '=', true),
      ]),
    )
    .orderBy('name_key')
    .orderBy('id')
    .execute();
  return rows.map(toRecord);
}

/** The changes of one owner come one after the other, so that its names stay different and their number bounded. */
export async function lockViewsOf(transaction: Transaction, owner: Owner): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`saved views ${owner.kind} ${owner.id}`}, 0))`.execute(
    transaction,
  );
}

/** Locked. */
export async function findSavedView(
  transaction: Transaction,
  id: string,
): Promise<SavedViewRecord | undefined> {
  const row = await transaction
    .selectFrom('saved_view')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row && toRecord(row);
}

/** Writes a view as it is now, new or changed. */
export async function putSavedView(transaction: Transaction, view: SavedViewRecord): Promise<void> {
  const values = {
    name: view.name,
    name_key: foldName(view.name),
    content: JSON.stringify(view.content),
    is_shared: view.isShared,
    revision: view.revision,
  };
  await transaction
    .insertInto('saved_view')
    .values({
      id: view.id,
      owner_kind: view.owner.kind,
      owner_id: view.owner.id,
      owner_name: view.ownerName,
      created_at: view.createdAt,
      ...values,
    })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
    .execute();
}

export async function deleteSavedView(transaction: Transaction, id: string): Promise<void> {
  await transaction.deleteFrom('saved_view').where('id', '=', id).execute();
}

function toRecord(row: Selectable<SavedViewTable>): SavedViewRecord {
  return {
    id: row.id,
    owner: { kind: row.owner_kind, id: row.owner_id },
    ownerName: row.owner_name,
    name: row.name,
    // Written by this module, from a body that the contract had checked.
    content: row.content as ViewContent,
    isShared: row.is_shared,
    createdAt: row.created_at,
    revision: row.revision,
  };
}
