import { sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/index.ts';

export interface StoredSetting {
  readonly value: unknown;
  readonly revision: number;
  readonly changedAt: Date;
  readonly changedBy: string | null;
}

export interface SettingChange {
  readonly key: string;
  readonly value: unknown;
  /** The revision that the writer saw; 1 where nothing was stored yet. */
  readonly seenRevision: number;
  readonly changedAt: Date;
  readonly changedBy: string;
}

export async function findSetting(database: Database, key: string): Promise<StoredSetting | undefined> {
  const row = await database.selectFrom('setting').selectAll().where('key', '=', key).executeTakeFirst();
  if (row === undefined) return undefined;
  return { value: row.value, revision: row.revision, changedAt: row.changed_at, changedBy: row.changed_by };
}

/** False when somebody else was faster: the stored revision is not the one that the writer saw. */
export async function saveSetting(transaction: Transaction, change: SettingChange): Promise<boolean> {
  const value = JSON.stringify(change.value);
  const revision = change.seenRevision + 1;
  const updated = await transaction
    .updateTable('setting')
    .set({ value, revision, changed_at: change.changedAt, changed_by: change.changedBy })
    .where('key', '=', change.key)
    .where('revision', '=', change.seenRevision)
    .executeTakeFirst();
  if (updated.numUpdatedRows > 0n) return true;
  if (change.seenRevision !== 1) return false;
  const { numAffectedRows } = await sql`
    insert into setting (key, value, revision, changed_at, changed_by)
    values (${change.key}, ${value}, ${revision}, ${change.changedAt}, ${change.changedBy})
    on conflict (key) do nothing
  `.execute(transaction);
  return (numAffectedRows ?? 0n) > 0n;
}
