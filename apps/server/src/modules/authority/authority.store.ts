import { sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/index.ts';

/** The authorities of which people were told, by fingerprint. */
export interface KnownAuthorities {
  readonly current: string;
  readonly next: string | null;
}

const KEY = 'authority';

/** Undefined before the first time. */
export async function findKnown(db: Database): Promise<KnownAuthorities | undefined> {
  const { rows } = await sql<{
    value: KnownAuthorities;
  }>`select value from setting where key = ${KEY}`.execute(db);
  return rows[0]?.value;
}

export async function saveKnown(transaction: Transaction, known: KnownAuthorities, at: Date): Promise<void> {
  const value = JSON.stringify(known);
  await sql`
    insert into setting (key, value, revision, changed_at, changed_by) values (${KEY}, ${value}::jsonb, 1, ${at}, null)
    on conflict (key) do update set value = excluded.value, changed_at = excluded.changed_at`.execute(
    transaction,
  );
}
