import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { hasCode } from '@holdfast/kernel';
import { sql } from 'kysely';
import { createTestClock } from '../clock/test-clock.ts';
import { createDatabase } from './database.ts';
import { databaseErrorStatus } from './database.errors.ts';
import { findSqlState, isTransientDatabaseError, isUniqueViolation } from './sql-state.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';
import { cutConnections, makeReadOnly, refuseChanges } from './test-trouble.ts';
import { inTransaction } from './transaction.ts';

let database: TestDatabase;
before(async () => {
  database = await createTestDatabase({ maxWaitMs: 20_000 });
  await sql`create table counter (id integer primary key, value bigint not null)`.execute(database.db);
  await sql`insert into counter values (1, 0), (2, 0), (3, 0)`.execute(database.db);
});
after(() => database.close());

async function cutEverything(): Promise<void> {
  await cutConnections(database);
}

async function readValue(id: number): Promise<number> {
  const { rows } = await sql<{ value: number }>`select value from counter where id = ${id}`.execute(
    database.db,
  );
  return rows[0]?.value ?? -1;
}

describe('values', () => {
  test('a 64-bit integer is a number, also in arrays, and NULL stays null', async () => {
    const { rows } =
      await sql`select 9007199254740991::bigint as largest, (-1)::bigint as negative, null::bigint as none,
      array[1, null, 3]::bigint[] as list, array[]::bigint[] as empty`.execute(database.db);
    assert.deepEqual(rows[0], {
      largest: Number.MAX_SAFE_INTEGER,
      negative: -1,
      none: null,
      list: [1, null, 3],
      empty: [],
    });
  });

  test('a 64-bit integer that a number cannot hold is refused instead of rounded', async () => {
    await assert.rejects(sql`select 9007199254740992::bigint`.execute(database.db), (error) =>
      hasCode(error, 'DATABASE_NUMBER_UNSAFE'),
    );
    assert.equal(await readValue(1), 0);
  });

  test('an instant is a Date with its milliseconds, a date without a time zone stays text', async () => {
    const at = new Date('2026-03-29T01:30:00.123Z');
    const { rows } = await sql`select ${at}::timestamptz as at, date '2026-03-29' as day`.execute(
      database.db,
    );
    assert.deepEqual(rows[0], { at, day: '2026-03-29' });
  });
});

describe('errors', () => {
  test('a violated unique constraint keeps its name for the store', async () => {
    const error = await sql`insert into counter values (1, 0)`
      .execute(database.db)
      .catch((caught: unknown) => caught);
    assert.equal(isUniqueViolation(error), true);
    assert.equal(isUniqueViolation(error, 'counter_pkey'), true);
    assert.equal(isUniqueViolation(error, 'other_key'), false);
    assert.equal(isTransientDatabaseError(error), false);
  });

  test('a full disk has its own code', async () => {
    const raise = sql`do $$ begin raise exception 'no space' using errcode = '53100'; end $$`;
    await assert.rejects(raise.execute(database.db), (error) => hasCode(error, 'DATABASE_DISK_FULL'));
  });

  test('a statement that takes longer than its limit is ended', async () => {
    const impatient = createDatabase({ connection: database.connection, statementTimeoutMs: 100 });
    await assert.rejects(
      sql`select pg_sleep(60)`.execute(impatient.db),
      (error) => findSqlState(error) === '57014',
    );
    await impatient.close();
  });

  test('when all connections stay busy the caller is told so', async () => {
    const narrow = createDatabase({ connection: database.connection, maxConnections: 1, maxWaitMs: 500 });
    const busy = sql`select pg_sleep(1.5)`.execute(narrow.db);
    await assert.rejects(sql`select 1`.execute(narrow.db), (error: Error) => {
      assert.ok(hasCode(error, 'DATABASE_BUSY'));
      assert.ok(isTransientDatabaseError(error));
      return true;
    });
    assert.equal((await narrow.probe()).isReady, true);
    await busy;
    await narrow.close();
  });

  test('a database that is away is reported after the wait and not before', async () => {
    const away = createDatabase({ connection: { ...database.connection, host: '/nowhere' }, maxWaitMs: 300 });
    const startedAt = performance.now();
    await assert.rejects(sql`select 1`.execute(away.db), (error: Error & { retry?: string }) => {
      assert.ok(hasCode(error, 'DATABASE_UNAVAILABLE'));
      assert.equal(error.retry, 'safe');
      return true;
    });
    const waitedMs = performance.now() - startedAt;
    assert.ok(waitedMs >= 295 && waitedMs < 2_000, `${waitedMs} ms`);
    assert.equal((await away.probe()).isReady, false);
    await away.close();
  });
});

describe('a database in trouble', () => {
  const addRow = async (opened = database.opened): Promise<void> =>
    await inTransaction(opened.db, async (transaction) => {
      await sql`update counter set value = value + 1 where id = 3`.execute(transaction);
    });

  test('that can only be read says so, is read, and takes changes again by itself, on the connections it had too', async () => {
    const end = await makeReadOnly(database);
    try {
      const before = await readValue(3);
      await assert.rejects(addRow(), (error: Error & { retry?: string }) => {
        assert.ok(hasCode(error, 'DATABASE_READ_ONLY'));
        assert.ok(isTransientDatabaseError(error));
        assert.equal(error.retry, 'safe');
        return true;
      });
      assert.equal(await readValue(3), before);
      const { isReady, isReachable, code } = await database.opened.probe();
      assert.deepEqual([isReady, isReachable, code], [false, true, 'DATABASE_READ_ONLY']);
      // Connections that stay as they were made.
      await Promise.all([1, 2, 1, 2].map(async (id) => await readValue(id)));
      await end();
      await database.opened.waitUntilReady();
      await Promise.all([addRow(), addRow(), addRow()]);
      assert.equal(await readValue(3), before + 3);
      assert.equal((await database.opened.probe()).code, undefined);
    } finally {
      await end();
    }
  });

  test('that has no place for another connection is reported after the wait, and probed as away', async () => {
    const keeper = await database.opened.connectClient();
    const name = `"${database.connection.database}"`;
    await keeper.query(`alter database ${name} connection limit 0`);
    const narrow = createDatabase({ connection: database.connection, maxWaitMs: 1_500 });
    try {
      await assert.rejects(sql`select 1`.execute(narrow.db), (error) => hasCode(error, 'DATABASE_BUSY'));
      const { isReady, isReachable, code } = await narrow.probe();
      assert.deepEqual([isReady, isReachable, code], [false, false, 'DATABASE_BUSY']);
    } finally {
      await keeper.query(`alter database ${name} connection limit -1`);
      await keeper.end();
    }
    await narrow.waitUntilReady();
    assert.equal((await sql<{ one: number }>`select 1 as one`.execute(narrow.db)).rows[0]?.one, 1);
    await narrow.close();
  });

  for (const [sqlState, code] of [
    ['25006', 'DATABASE_READ_ONLY'],
    ['53000', 'DATABASE_BUSY'],
    ['53100', 'DATABASE_DISK_FULL'],
    ['53200', 'DATABASE_BUSY'],
    ['53300', 'DATABASE_BUSY'],
    ['55P03', 'DATABASE_BUSY'],
    ['57014', 'DATABASE_BUSY'],
    ['40P01', 'DATABASE_BUSY'],
    ['57P01', 'DATABASE_UNAVAILABLE'],
    ['57P02', 'DATABASE_UNAVAILABLE'],
    ['57P03', 'DATABASE_UNAVAILABLE'],
    ['57P05', 'DATABASE_UNAVAILABLE'],
    ['25P03', 'DATABASE_UNAVAILABLE'],
    ['08006', 'DATABASE_UNAVAILABLE'],
    ['58030', 'DATABASE_STORAGE_FAILED'],
  ] as const) {
    test(`that answers ${sqlState} is ${code}: told with status 503, and background work waits`, async () => {
      const opened = createDatabase({ connection: database.connection });
      const end = await refuseChanges(database, sqlState);
      try {
        await assert.rejects(addRow(opened), (error) => {
          assert.ok(hasCode(error, code), String(error));
          assert.ok(isTransientDatabaseError(error));
          return true;
        });
      } finally {
        await end();
        await opened.close();
      }
      assert.equal(databaseErrorStatus[code], 503);
    });
  }

  test('whose disk was full a moment ago is not ready, until that is a while ago', async () => {
    const clock = createTestClock();
    const opened = createDatabase({ connection: database.connection, clock });
    const end = await refuseChanges(database, '53100');
    await assert.rejects(addRow(opened), (error) => hasCode(error, 'DATABASE_DISK_FULL'));
    await end();
    const { isReady, isReachable, code } = await opened.probe();
    assert.deepEqual([isReady, isReachable, code], [false, true, 'DATABASE_DISK_FULL']);
    clock.advance(10_000);
    assert.equal((await opened.probe()).isReady, true);
    await opened.close();
  });

  test('an error of the work itself is none of the database', async () => {
    for (const sqlState of ['42P01', '23505', '22003', 'P0001']) {
      const end = await refuseChanges(database, sqlState);
      await assert.rejects(addRow(), (error) => !isTransientDatabaseError(error));
      await end();
    }
  });
});

describe('a lost connection', () => {
  test('while idle is replaced without an error', async () => {
    assert.equal(await readValue(1), 0);
    await cutEverything();
    assert.equal(await readValue(1), 0);
  });

  test('during a statement is reported as unknown outcome', async () => {
    const statement = sql`select pg_sleep(30)`.execute(database.db);
    const outcome = statement.catch((error: unknown) => error);
    await waitUntilSleeping();
    await cutEverything();
    const error = await outcome;
    assert.ok(hasCode(error, 'DATABASE_UNAVAILABLE'));
    assert.equal((error as { retry?: string }).retry, 'outcome-unknown');
  });

  test('is what a server that never answers comes down to', async () => {
    const frozen = createDatabase({
      connection: database.connection,
      statementTimeoutMs: 0,
      maxSilenceMs: 200,
    });
    await assert.rejects(sql`select pg_sleep(60)`.execute(frozen.db), (error) =>
      hasCode(error, 'DATABASE_UNAVAILABLE'),
    );
    assert.equal((await sql<{ one: number }>`select 1 as one`.execute(frozen.db)).rows[0]?.one, 1);
    await frozen.close();
  });

  test('before the commit of a transaction makes it run again, and it counts once', async () => {
    let runs = 0;
    await inTransaction(database.db, async (transaction) => {
      runs += 1;
      await sql`update counter set value = value + 1 where id = 1`.execute(transaction);
      if (runs === 1) await cutEverything();
      await sql`select 1`.execute(transaction);
    });
    assert.equal(runs, 2);
    assert.equal(await readValue(1), 1);
  });

  test('at the commit itself is reported as unknown outcome, and its place in the pool is free again', async () => {
    const narrow = createDatabase({ connection: database.connection, maxConnections: 1, maxWaitMs: 20_000 });
    await assert.rejects(
      inTransaction(narrow.db, async (transaction) => {
        await sql`select 1`.execute(transaction);
        await cutEverything();
      }),
      (error: Error & { retry?: string }) =>
        hasCode(error, 'DATABASE_UNAVAILABLE') && error.retry === 'outcome-unknown',
    );
    assert.equal((await sql<{ one: number }>`select 1 as one`.execute(narrow.db)).rows[0]?.one, 1);
    await narrow.close();
  });

  async function waitUntilSleeping(): Promise<void> {
    for (;;) {
      const { rows } = await sql<{ count: number }>`select count(*) as count from pg_stat_activity
        where datname = current_database() and wait_event = 'PgSleep'`.execute(database.db);
      if (rows[0]?.count === 1) return;
    }
  }
});

describe('a statement that comes again and again', () => {
  async function listPrepared(opened: typeof database.opened): Promise<string[]> {
    const { rows } = await sql<{ statement: string }>`select statement from pg_prepared_statements`.execute(
      opened.db,
    );
    return rows.map((row) => row.statement);
  }

  test('is prepared where that is asked for, and answers the same, also on a new connection', async () => {
    const narrow = createDatabase({ connection: database.connection, maxConnections: 1 });
    const read = async (db: typeof narrow.db, id: number): Promise<number | undefined> =>
      (await sql<{ value: number }>`select value + ${id} as value from counter where id = ${id}`.execute(db))
        .rows[0]?.value;
    const base = (await readValue(2)) + 2;
    for (let times = 0; times < 8; times += 1) assert.equal(await read(narrow.db, 2), base);
    assert.deepEqual(await listPrepared(narrow), []);
    for (let times = 0; times < 8; times += 1) assert.equal(await read(narrow.preparedDb, 2), base);
    assert.equal((await listPrepared(narrow)).length, 1);
    await cutEverything();
    const seen: (number | undefined)[] = [];
    const work = inTransaction(narrow.preparedDb, async (transaction) => {
      await sql`update counter set value = value + ${5} where id = ${2}`.execute(transaction);
      seen.push(await read(transaction, 2));
      throw new Error('nothing of it stays');
    });
    await assert.rejects(work, /nothing of it stays/);
    assert.deepEqual(seen, [base + 5]);
    assert.equal(await read(narrow.preparedDb, 2), base);
    await narrow.close();
  });
});

describe('a transaction', () => {
  test('whose work fails leaves nothing, and reports the failure of the work', async () => {
    const failure = new Error('refused by a rule');
    await assert.rejects(
      inTransaction(database.db, async (transaction) => {
        await sql`update counter set value = 99 where id = 2`.execute(transaction);
        throw failure;
      }),
      (error) => error === failure,
    );
    assert.equal(await readValue(2), 0);
  });

  test('that meets another is repeated until it is done', async () => {
    const addOne = (): Promise<unknown> =>
      inTransaction(
        database.db,
        async (transaction) => {
          const { rows } = await sql<{ value: number }>`select value from counter where id = 2`.execute(
            transaction,
          );
          await sql`update counter set value = ${(rows[0]?.value ?? 0) + 1} where id = 2`.execute(
            transaction,
          );
        },
        { isolation: 'serializable', maxAttempts: 20 },
      );
    await Promise.all(Array.from({ length: 6 }, addOne));
    assert.equal(await readValue(2), 6);
  });

  test('that keeps failing to serialize gives up after its attempts', async () => {
    let runs = 0;
    const conflict = inTransaction(
      database.db,
      async (transaction) => {
        runs += 1;
        await sql`do $$ begin raise exception 'conflict' using errcode = '40001'; end $$`.execute(
          transaction,
        );
      },
      { maxAttempts: 3 },
    );
    await assert.rejects(
      conflict,
      (error) => findSqlState(error) === '40001' && isTransientDatabaseError(error),
    );
    assert.equal(runs, 3);
  });

  test('that the database refuses at its commit gives its place in the pool free', async () => {
    const narrow = createDatabase({ connection: database.connection, maxConnections: 1, maxWaitMs: 20_000 });
    await sql`create table twin (id integer unique deferrable initially deferred)`.execute(database.db);
    await assert.rejects(
      inTransaction(narrow.db, (transaction) => sql`insert into twin values (1), (1)`.execute(transaction)),
      isUniqueViolation,
    );
    assert.equal((await sql`select 1 from twin`.execute(narrow.db)).rows.length, 0);
    await narrow.close();
  });

  test('that only reads cannot write', async () => {
    const write = inTransaction(database.db, (transaction) => sql`delete from counter`.execute(transaction), {
      isReadOnly: true,
    });
    await assert.rejects(write, (error) => findSqlState(error) === '25006');
  });
});
