import { type SqlBool, sql } from 'kysely';
import type { Database } from '../../platform/database/index.ts';

// What the check of row types has to find, and what it has to leave alone. Nothing runs it but that.

interface Setting {
  readonly key: string;
  readonly revision: number;
  readonly changedAt: Date;
  readonly changedBy: string | null;
}

const SETTING = sql`key, revision, changed_at as "changedAt", changed_by as "changedBy"`;

export async function listRight(db: Database): Promise<Setting[]> {
  const { rows } = await sql<Setting>`select ${SETTING} from setting order by key`.execute(db);
  return rows;
}

export async function listWrongName(db: Database): Promise<unknown> {
  return await sql<{ key: string; changedAt: Date }>`select key, changed_at from setting`.execute(db);
}

export async function listWrongTypes(db: Database): Promise<unknown> {
  return await sql<{ key: number; changedAt: string; names: number[]; value: Date }>`
    select key, changed_at as "changedAt", array[key] as names, value from setting`.execute(db);
}

export async function listTwice(db: Database): Promise<unknown> {
  return await sql<{ key: string }>`select key, key from setting order by 1`.execute(db);
}

export async function findWrongValue(db: Database): Promise<unknown> {
  return await db
    .selectFrom('setting')
    .select(sql<string>`revision + 1`.as('next'))
    .where(sql<SqlBool>`key is not null`)
    .executeTakeFirst();
}

export async function changeRefused(db: Database, key: string): Promise<void> {
  await sql`update setting set no_such_column = 1 where key = ${key}`.execute(db);
}

export async function listWhenAsked(db: Database, asked: 'always' | 'never'): Promise<unknown> {
  if (asked === 'always') return await sql<{ one: number }>`select 1 as one`.execute(db);
  return await sql<{ two: string }>`select 2 as two`.execute(db);
}

export async function listNever(db: Database, count: number): Promise<unknown> {
  return count < 0 ? await sql<{ key: string }>`select key from setting where false`.execute(db) : undefined;
}
