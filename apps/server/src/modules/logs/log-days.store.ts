import { sql } from 'kysely';
import { type Database, inTransaction } from '../../platform/database/index.ts';
import './logs.tables.ts';

const PARTITION_NAME = /^log_entry_(\d{4})(\d\d)(\d\d)$/;

/** Makes the partition of a day unless it is there. @returns whether it was made */
export async function addDay(database: Database, day: string): Promise<boolean> {
  // Repeated when it met a batch that goes into the rest.
  return await inTransaction(database, async (transaction) => {
    const { rows } = await sql<{ made: boolean }>`select log_entry_add_day(${day}::date) as made`.execute(
      transaction,
    );
    return rows[0]?.made === true;
  });
}

/** Days that have a partition, oldest first. */
export async function listDays(database: Database): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'log_entry'::regclass order by c.relname`.execute(database);
  return rows.flatMap(({ name }) => {
    const match = PARTITION_NAME.exec(name);
    return match === null ? [] : [`${match[1]}-${match[2]}-${match[3]}`];
  });
}

/**
 * Drops the partition of a day with all its entries. It waits for nobody longer than a moment, because everybody else
 * would wait behind it; the next turn tries again.
 */
export async function dropDay(database: Database, day: string): Promise<void> {
  const name = `log_entry_${day.replaceAll('-', '')}`;
  await inTransaction(
    database,
    async (transaction) => {
      await sql`set local lock_timeout = '2s'`.execute(transaction);
      await sql`drop table if exists ${sql.table(name)}`.execute(transaction);
    },
    { maxAttempts: 1 },
  );
}

/** Days of rows that lie in no partition of a day, oldest first. */
export async function listRestDays(database: Database, limit: number): Promise<string[]> {
  const { rows } = await sql<{ day: string }>`
    select distinct (received_at at time zone 'UTC')::date as day from log_entry_rest order by 1 limit ${limit}
  `.execute(database);
  return rows.map(({ day }) => day);
}

/** @returns how many went */
export async function deleteRestBefore(database: Database, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from log_entry_rest where (received_at, id) in (
      select received_at, id from log_entry_rest where received_at < ${before} order by received_at, id limit ${limit}
    )`.execute(database);
  return Number(numAffectedRows ?? 0n);
}

/** Forgets how far the journals of products had come that are gone and were silent since then. */
export async function forgetGoneProducts(database: Database, silentSince: Date): Promise<void> {
  await sql`
    delete from log_journal j where j.last_received_at < ${silentSince}
      and not exists (select 1 from managed_product p where p.number = j.product_number)`.execute(database);
  await sql`
    delete from log_allowance a where a.day < ${silentSince}
      and not exists (select 1 from managed_product p where p.number = a.product_number)`.execute(database);
}
