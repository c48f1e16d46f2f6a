import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { compareReleases } from '@holdfast/kernel';
import { listPreviousReleases, openPreviousRelease } from '@holdfast/testkit';
import { sql } from 'kysely';
import { restoreBackup } from '../platform/database/backup/index.ts';
import { type Database, migrateDatabase, readMigrationFiles } from '../platform/database/index.ts';
import { createTestDatabase } from '../platform/database/test-database.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-previous-'));
});
after(() => rm(folder, { recursive: true, force: true }));

interface StoredTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly unknown[];
}

/** The content of every table, in the columns that are named or else in all of them. */
async function readTables(
  db: Database,
  columnsOf?: ReadonlyMap<string, readonly string[]>,
): Promise<readonly StoredTable[]> {
  const found = await sql<{ name: string; columns: string[] }>`
    select c.relname as name, array_agg(a.attname::text order by a.attname) as columns
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and c.relname <> 'schema_migration'
    group by c.relname order by c.relname`.execute(db);
  const tables: StoredTable[] = [];
  for (const { name, columns: all } of found.rows) {
    const columns = columnsOf === undefined ? all : columnsOf.get(name);
    if (columns === undefined) continue;
    const { rows } = await sql`
      select ${sql.join(columns.map((column) => sql.ref(column)))} from ${sql.table(name)}
      order by ${sql.table(name)}::text`.execute(db);
    tables.push({ name, columns, rows: rows.map((row) => JSON.stringify(row)).sort() });
  }
  return tables;
}

for (const version of listPreviousReleases()) {
  describe(`the database of release ${version}`, () => {
    test('is kept with something in every table that people fill, and a command in every state', async () => {
      await using database = await createTestDatabase({ isEmpty: true });
      const { backupFile } = openPreviousRelease(version);
      await restoreBackup({
        file: backupFile,
        home: path.join(folder, `kept-${version}`),
        connection: database.connection,
        log: { info: () => {}, warn: () => {}, error: () => {} },
      });
      const before = await readTables(database.db);
      assert.deepEqual(
        before.filter(({ rows }) => rows.length === 0).map(({ name }) => name),
        // What the server itself fills and empties again.
        ['command_cancellation', 'command_count_change', 'job'],
      );
      const states = await sql<{
        state: string;
      }>`select distinct state from command_target order by state`.execute(database.db);
      assert.deepEqual(
        states.rows.map(({ state }) => state),
        ['accepted', 'cancelled', 'delivered', 'expired', 'failed', 'queued', 'running', 'succeeded'],
      );

      // The migrations of today let it work, so they take nothing away and change nothing.
      const files = await readMigrationFiles();
      await migrateDatabase({ connection: database.connection });
      const isServed = files.every(({ serves }) => serves === null || compareReleases(version, serves) >= 0);
      const filled = before.filter(({ rows }) => rows.length > 0);
      const columns = new Map(filled.map((table) => [table.name, table.columns]));
      if (isServed) assert.deepEqual(await readTables(database.db, columns), filled);
    });
  });
}
