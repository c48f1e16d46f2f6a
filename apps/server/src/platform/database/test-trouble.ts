/** Troubles of a database, for tests of what meets them. Imported by tests only. */
import { escapeIdentifier } from 'pg';
import type { TestDatabase } from './test-database.ts';

/** Ends every connection but the one that asks, as a restart of the database does, and waits until they are gone. */
export async function cutConnections(database: TestDatabase): Promise<void> {
  const client = await database.opened.connectClient();
  const others = 'from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()';
  await client.query(`select pg_terminate_backend(pid) ${others}`);
  for (let count: number | undefined; count !== 0; ) {
    const { rows } = await client.query<{ count: number }>(`select count(*) as count ${others}`);
    count = rows[0]?.count;
  }
  await client.end();
}

/** From now on new connections can only read, and there are no others: as after a fail-over to a copy. @returns ends it */
export async function makeReadOnly(database: TestDatabase): Promise<() => Promise<void>> {
  const name = escapeIdentifier(database.connection.database);
  const change = async (statement: string): Promise<void> => {
    const client = await database.opened.connectClient();
    await client.query('set default_transaction_read_only = off');
    await client.query(statement);
    await client.end();
  };
  await change(`alter database ${name} set default_transaction_read_only = on`);
  await cutConnections(database);
  return async () => await change(`alter database ${name} reset default_transaction_read_only`);
}

/** Every change of a table of this schema ends with this SQLSTATE. @returns ends it */
export async function refuseChanges(database: TestDatabase, sqlState: string): Promise<() => Promise<void>> {
  const change = async (action: string): Promise<void> => {
    const client = await database.opened.connectClient();
    await client.query(
      `create or replace function refuse_change() returns trigger language plpgsql as
       $$ begin raise exception 'no' using errcode = '${sqlState}'; end $$`,
    );
    await client.query(
      `do $$ declare name text; begin
         for name in select format('%I', c.relname) from pg_class c
           where c.relkind in ('r', 'p') and c.relnamespace = current_schema()::regnamespace loop
           execute ${action};
         end loop;
       end $$`,
    );
    await client.end();
  };
  await change(
    "'create trigger refuse_change before insert or update or delete on ' || name || ' for each statement execute function refuse_change()'",
  );
  return async () => await change("'drop trigger refuse_change on ' || name");
}
