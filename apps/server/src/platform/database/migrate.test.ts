import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasCode } from '@holdfast/kernel';
import { sql } from 'kysely';
import { migrateDatabase } from './migrate.ts';
import { parseMigrationFile, readMigrationFiles } from './migration-file.ts';
import { createTestDatabase } from './test-database.ts';
import { closeBarrier, untilTrue } from './test-barrier.ts';

const first = parseMigrationFile('0001_first.sql', 'create table first_thing (id integer primary key);');
const second = parseMigrationFile('0002_second.sql', 'create table second_thing (id integer primary key);');

async function listTables(
  database: Awaited<ReturnType<typeof createTestDatabase>>,
): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`
    select tablename as name from pg_tables where schemaname = 'public' order by tablename`.execute(
    database.db,
  );
  return rows.map((row) => row.name);
}

test('an empty database receives every migration, and a second run has nothing to do', async () => {
  await using database = await createTestDatabase({ isEmpty: true });
  const options = { connection: database.connection, files: [first, second] };
  assert.deepEqual((await migrateDatabase(options)).applied, ['0001_first.sql', '0002_second.sql']);
  assert.deepEqual((await migrateDatabase(options)).applied, []);
  assert.deepEqual(await listTables(database), ['first_thing', 'schema_migration', 'second_thing']);
});

test('the migrations of this server apply to an empty database', async () => {
  await using database = await createTestDatabase({ isEmpty: true });
  const outcome = await migrateDatabase({ connection: database.connection });
  assert.deepEqual(
    outcome.applied,
    (await readMigrationFiles()).map((file) => file.name),
  );
});

test('two servers that migrate at once apply each file once', async () => {
  await using database = await createTestDatabase({ isEmpty: true });
  const barrier = await closeBarrier(database);
  const slow = parseMigrationFile('0001_first.sql', `${barrier.sql}; ${first.text}`);
  const options = { connection: database.connection, files: [slow, second] };
  const running = Promise.all([migrateDatabase(options), migrateDatabase(options), migrateDatabase(options)]);
  // One is in the middle of the first file, and both others have been refused their turn at least once.
  await barrier.waitForVisitor();
  await untilTrue(
    database,
    `select 1 from pg_stat_activity where datname = current_database() and application_name = 'holdfast-migrate'
      and state = 'idle' and query like '%pg_try_advisory_lock%' having count(*) = 2`,
    'two servers that wait for their turn',
  );
  await barrier.open();
  const outcomes = await running;
  assert.equal(outcomes.flatMap((outcome) => outcome.applied).length, 2);
});

test('a server that cannot get its turn within the limit gives up and changes nothing', async () => {
  await using database = await createTestDatabase({ isEmpty: true });
  const barrier = await closeBarrier(database);
  const slow = parseMigrationFile('0001_first.sql', `${barrier.sql}; ${first.text}`);
  const running = migrateDatabase({ connection: database.connection, files: [slow] });
  await barrier.waitForVisitor();
  await assert.rejects(
    migrateDatabase({ connection: database.connection, files: [slow, second], maxLockWaitMs: 150 }),
    (error) => hasCode(error, 'MIGRATION_LOCK_TIMEOUT'),
  );
  await barrier.open();
  await running;
  assert.deepEqual(await listTables(database), ['first_thing', 'schema_migration']);
});

test('an edited migration is refused and nothing is changed', async () => {
  await using database = await createTestDatabase({ isEmpty: true });
  await migrateDatabase({ connection: database.connection, files: [first] });
  const edited = parseMigrationFile(first.name, `${first.text} -- better`);
  await assert.rejects(
    migrateDatabase({ connection: database.connection, files: [edited, second] }),
    (error) => hasCode(error, 'MIGRATION_CHANGED'),
  );
  assert.deepEqual(await listTables(database), ['first_thing', 'schema_migration']);
});

test('a checkout with other line ends is not an edit', async () => {
  await using database = await createTestDatabase({ isEmpty: true });
  const unix = parseMigrationFile('0001_lines.sql', 'create table lines (\n  id integer\n);\n');
  const windows = parseMigrationFile('0001_lines.sql', 'create table lines (\r\n  id integer\r\n);\r\n');
  await migrateDatabase({ connection: database.connection, files: [unix] });
  assert.deepEqual(
    (await migrateDatabase({ connection: database.connection, files: [windows] })).applied,
    [],
  );
});

test('a database of a newer server is refused with both versions named, and nothing is changed', async () => {
  await using database = await createTestDatabase({ isEmpty: true });
  await migrateDatabase({ connection: database.connection, files: [first, second] });
  await assert.rejects(
    migrateDatabase({ connection: database.connection, files: [first] }),
    (error: Error) => {
      assert.ok(hasCode(error, 'DATABASE_NEWER_THAN_SERVER'));
      assert.match(error.message, /0002_second\.sql.*0001_first\.sql/);
      return true;
    },
  );
});

test('a later release is worked with where its migrations allow it, and the database says so', async () => {
  await using database = await createTestDatabase({ isEmpty: true });
  const { connection } = database;
  const later = parseMigrationFile(
    '0016_later.sql',
    '-- serves: 0.4.0\ncreate table later_thing (id integer);',
  );
  await migrateDatabase({ connection, files: [first, later] });
  assert.deepEqual(await migrateDatabase({ connection, files: [first], release: '0.4.0' }), {
    applied: [],
    newer: ['0016_later.sql'],
  });
  await assert.rejects(migrateDatabase({ connection, files: [first], release: '0.3.9' }), (error) =>
    hasCode(error, 'DATABASE_NEWER_THAN_SERVER'),
  );
  assert.deepEqual(await listTables(database), ['first_thing', 'later_thing', 'schema_migration']);
});

test('a database in which only release 0.1.0 has been at work is understood and goes on', async () => {
  await using database = await createTestDatabase({ isEmpty: true });
  await sql`
    create table schema_migration (
      number integer primary key check (number > 0), name text not null unique, checksum text not null,
      applied_at timestamptz not null, duration_ms integer not null
    )`.execute(database.db);
  await sql`insert into schema_migration values (1, ${first.name}, ${first.checksum}, now(), 1)`.execute(
    database.db,
  );
  const { connection } = database;
  const later = parseMigrationFile('0016_later.sql', '-- serves: 0.1.0\nselect 1;');
  // Nothing to do: nothing is done, not even to the bookkeeping.
  assert.deepEqual((await migrateDatabase({ connection, files: [first] })).applied, []);
  assert.deepEqual((await migrateDatabase({ connection, files: [first, later] })).applied, [later.name]);
  const { rows } = await sql`select number, serves from schema_migration order by number`.execute(
    database.db,
  );
  assert.deepEqual(rows, [
    { number: 1, serves: null },
    { number: 16, serves: '0.1.0' },
  ]);
});

test('a failing migration leaves nothing of itself and keeps the ones before it', async () => {
  await using database = await createTestDatabase({ isEmpty: true });
  const broken = parseMigrationFile(
    '0002_broken.sql',
    'create table half (id integer); select no_such_column;',
  );
  await assert.rejects(
    migrateDatabase({ connection: database.connection, files: [first, broken] }),
    (error) => hasCode(error, 'MIGRATION_FAILED'),
  );
  assert.deepEqual(await listTables(database), ['first_thing', 'schema_migration']);
  assert.deepEqual(
    (await migrateDatabase({ connection: database.connection, files: [first, second] })).applied,
    ['0002_second.sql'],
  );
});

test('a file that says so runs outside a transaction', async () => {
  await using database = await createTestDatabase({ isEmpty: true });
  const text = '-- no transaction\ncreate index concurrently if not exists first_idx on first_thing (id);';
  const index = parseMigrationFile('0002_index.sql', text);
  await migrateDatabase({ connection: database.connection, files: [first, index] });
  const { rows } = await sql<{ name: string }>`
    select indexname as name from pg_indexes where indexname = 'first_idx'`.execute(database.db);
  assert.equal(rows.length, 1);
});
