import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { hasCode, systemClock } from '@holdfast/kernel';
import { sql } from 'kysely';
import { createDatabase, type OpenDatabase } from './database.ts';
import { DatabaseError } from './database.errors.ts';
import { ServerLock, type ServerLockOptions } from './server-lock.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';
import { untilTrue } from './test-barrier.ts';

const held: ServerLock[] = [];
const opened: OpenDatabase[] = [];
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
  for (const lock of held.splice(0)) await lock.release();
});

function open({ connection }: TestDatabase, barrier: ServerLock, maxWaitMs = 10_000): OpenDatabase {
  const database = createDatabase({ connection, barrier, maxWaitMs });
  opened.push(database);
  return database;
}

async function take(database: TestDatabase, options: Partial<ServerLockOptions> = {}): Promise<ServerLock> {
  const lock = await ServerLock.take({
    connection: database.connection,
    hostName: 'first.example',
    processId: 4711,
    clock: systemClock,
    log: { info: () => {}, warn: () => {}, error: () => {} },
    onTaken: (error) => assert.fail(error),
    maxWaitMs: 0,
    ...options,
  });
  held.push(lock);
  return lock;
}

/** Ends the connection that holds the lock, as an administrator of the database could. */
async function cut(database: TestDatabase): Promise<void> {
  const { rows } = await sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name like 'holdfast-lock %@first.example'`.execute(
    database.db,
  );
  assert.equal(rows.length, 1);
}

test('a second server is refused, and told which one is there and since when', async () => {
  await using database = await createTestDatabase({ isEmpty: true });
  await take(database);
  await assert.rejects(take(database, { hostName: 'second.example', processId: 9 }), (error) => {
    assert.ok(error instanceof DatabaseError);
    assert.equal(error.code, 'DATABASE_IN_USE');
    assert.match(error.message, /process 4711 on first\.example, since \d{4}-\d\d-\d\dT/);
    assert.equal(error.facts['pid'], 4711);
    assert.equal(error.facts['host'], 'first.example');
    return true;
  });
});

test('a host name of any length and script names the process all the same', async () => {
  await using database = await createTestDatabase({ isEmpty: true });
  await take(database, { hostName: `büro-${'x'.repeat(300)}` });
  await assert.rejects(take(database), /process 4711 on b\?ro-x+, since/u);
});

test('the lock is free at once when its holder lets go, and another database has another one', async () => {
  await using database = await createTestDatabase({ isEmpty: true });
  await using other = await createTestDatabase({ isEmpty: true });
  const first = await take(database);
  await take(other);
  await first.release();
  // The database may still be closing the connection.
  await take(database, { maxWaitMs: 10_000 });
});

test('a server that starts while its predecessor ends waits for that', async () => {
  await using database = await createTestDatabase({ isEmpty: true });
  const first = await take(database);
  const second = take(database, { maxWaitMs: 30_000 });
  await untilTrue(
    database,
    `select 1 from pg_stat_activity where datname = current_database() and application_name like 'holdfast-lock %'
     having count(*) > 1`,
    'a second server that waits',
  );
  await first.release();
  await second;
});

test('a lock that broke is taken again; until then no statement passes, and then each does', async () => {
  await using database = await createTestDatabase({ isEmpty: true });
  const warnings: string[] = [];
  const lock = await take(database, {
    log: { info: () => {}, warn: (_facts, text) => void warnings.push(text), error: () => {} },
  });
  const opened = open(database, lock);
  await sql`create table thing (id integer)`.execute(opened.db);
  // In the middle of a transaction as well: it goes on afterwards.
  await opened.db.transaction().execute(async (transaction) => {
    await sql`insert into thing values (1)`.execute(transaction);
    await cut(database);
    while (lock.isOpen) await new Promise((resolve) => setImmediate(resolve));
    await sql`insert into thing values (2)`.execute(transaction);
    assert.equal(lock.isOpen, true);
  });
  const { rows } = await sql`select id from thing order by id`.execute(opened.db);
  assert.deepEqual(rows, [{ id: 1 }, { id: 2 }]);
  assert.equal(warnings.length, 1);
});

test('when another server has taken the database, the first one writes nothing more and ends', async () => {
  await using database = await createTestDatabase({ isEmpty: true });
  const taken = Promise.withResolvers<DatabaseError>();
  const lock = await take(database, { onTaken: taken.resolve });
  const opened = open(database, lock);
  await sql`create table thing (id integer)`.execute(opened.db);
  // It waits inside the database, and so gets the lock in the moment in which the first one loses it.
  const thief = await database.opened.connectClient();
  await thief.query(`set application_name = 'holdfast-lock 0badcafe 13@second.example'`);
  const stolen = thief.query('select pg_advisory_lock(4801202640)');
  await untilTrue(
    database,
    `select 1 from pg_locks where locktype = 'advisory' and not granted`,
    'somebody who waits for the lock',
  );
  const writing = opened.db.transaction().execute(async (transaction) => {
    await sql`insert into thing values (1)`.execute(transaction);
    await cut(database);
    await stolen;
    await taken.promise;
    await sql`insert into thing values (2)`.execute(transaction);
  });
  await assert.rejects(writing, (error) => hasCode(error, 'DATABASE_TAKEN'));
  assert.match((await taken.promise).message, /process 13 on second\.example/);
  await assert.rejects(sql`insert into thing values (3)`.execute(opened.db), (error) =>
    hasCode(error, 'DATABASE_TAKEN'),
  );
  assert.deepEqual((await sql`select id from thing`.execute(database.db)).rows, []);
  await thief.end();
});

test('a lock of a database that stays away keeps statements back for their time, and lets them fail as safe to repeat', async () => {
  await using database = await createTestDatabase({ isEmpty: true });
  const lock = await take(database);
  await lock.release();
  const opened = open(database, lock, 50);
  await assert.rejects(sql`select 1`.execute(opened.db), (error) => {
    assert.ok(error instanceof DatabaseError);
    assert.deepEqual([error.code, error.retry], ['DATABASE_UNAVAILABLE', 'safe']);
    return true;
  });
});
