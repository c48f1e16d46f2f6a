import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { listLogEntries, updateLogSettings } from '@holdfast/api';
import { sql } from 'kysely';
import { callApi } from '../../testing/test-api.ts';
import { insertFleet } from '../../testing/test-fleet.ts';
import { createEntries, createJournal, forgetLogs, uploadLogs } from '../../testing/test-logs.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { addDay, listDays } from './log-days.store.ts';

const DAY_MS = 86_400_000;
let server: TestServer;
let productNumber: number;

before(async () => {
  server = await startTestServer();
  productNumber = (await insertFleet(server, { count: 1 }))[0]?.productNumber ?? 0;
});
beforeEach(() => forgetLogs(server));
after(() => server.close());

const today = (aheadDays = 0): string =>
  new Date(server.clock.now() + aheadDays * DAY_MS).toISOString().slice(0, 10);

async function countRows(table: 'log_entry' | 'log_entry_rest'): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(table)}`.execute(
    server.database.db,
  );
  return rows[0]?.count ?? 0;
}

/** Rows as a restore brings them back, or a clock that was wrong. */
async function insertRows(day: string, count: number): Promise<void> {
  await sql`
    insert into log_entry (received_at, product_number, journal, sequence, occurred_at, type, severity)
    select ${`${day}T12:00:00Z`}::timestamptz, ${productNumber}, gen_random_uuid(), n, now(), 'old', 1
    from generate_series(1, ${count}) n`.execute(server.database.db);
}

test('days are made ahead by the job, and at need by a batch', async () => {
  server.clock.advance(10 * DAY_MS);
  await uploadLogs(server, productNumber, createJournal(), createEntries(1, 3));
  assert.equal(await countRows('log_entry_rest'), 0);
  assert.ok((await listDays(server.database.db)).includes(today()));
  await server.jobs.run('logs.keep');
  const days = await listDays(server.database.db);
  for (const ahead of [0, 1, 2, 3]) assert.ok(days.includes(today(ahead)), String(ahead));
});

test('a batch after midnight goes into a day that nobody made', async () => {
  server.clock.advance(30 * DAY_MS);
  const journal = createJournal();
  for (let round = 0; round < 3; round += 1) {
    await uploadLogs(server, productNumber, journal, createEntries(10 * round + 1, 1));
    server.clock.advance(DAY_MS);
  }
  assert.equal(await countRows('log_entry'), 3);
  assert.equal(await countRows('log_entry_rest'), 0);
});

test('days that are too old go as a whole, and nothing younger does', async () => {
  await server.jobs.run('logs.keep');
  for (const age of [0, 1, 89, 90, 91, 200]) {
    await addDay(server.database.db, today(-age));
    await insertRows(today(-age), 2);
  }
  await server.jobs.run('logs.keep');
  const days = await listDays(server.database.db);
  assert.deepEqual(
    [0, 1, 89, 90, 91, 200].map((age) => days.includes(today(-age))),
    [true, true, true, true, false, false],
  );
  assert.equal(await countRows('log_entry'), 8);
  await callApi(server, updateLogSettings, { body: { revision: 1, logs: { retentionDays: 1 } } });
  await server.jobs.run('logs.keep');
  assert.equal(await countRows('log_entry'), 4);
  await sql`delete from setting`.execute(server.database.db);
});

test('rows without a day find their place, or go when they are too old', async () => {
  server.clock.advance(1_000 * DAY_MS);
  await insertRows(today(-5), 3);
  await insertRows(today(-400), 3);
  assert.equal(await countRows('log_entry_rest'), 6);
  // They are shown meanwhile.
  assert.equal((await callApi(server, listLogEntries, {})).entries.length, 6);
  await server.jobs.run('logs.keep');
  assert.equal(await countRows('log_entry_rest'), 0);
  assert.equal((await callApi(server, listLogEntries, {})).entries.length, 3);
});

test('a day that many make at once is made once, and batches that come meanwhile are taken', async () => {
  for (let round = 0; round < 10; round += 1) {
    server.clock.advance(DAY_MS);
    const answers = Promise.all(
      Array.from({ length: 6 }, () =>
        uploadLogs(server, productNumber, createJournal(), createEntries(1, 2)),
      ),
    );
    const made = await Promise.all(
      Array.from({ length: 6 }, () => addDay(server.database.db, today(1_000 + round))),
    );
    assert.deepEqual(await answers, [2, 2, 2, 2, 2, 2]);
    assert.equal(made.filter(Boolean).length, 1);
    await forgetLogs(server);
  }
});

test('journals of products that are gone are forgotten after a while', async () => {
  await sql`
    insert into log_journal values (${productNumber}, gen_random_uuid(), 1, ${new Date(server.clock.now() - 200 * DAY_MS)}),
      (987654, gen_random_uuid(), 1, ${new Date(server.clock.now() - 89 * DAY_MS)}),
      (987655, gen_random_uuid(), 1, ${new Date(server.clock.now() - 91 * DAY_MS)})`.execute(
    server.database.db,
  );
  await server.jobs.run('logs.keep');
  const { rows } = await sql<{ number: number }>`
    select product_number as number from log_journal order by product_number`.execute(server.database.db);
  assert.deepEqual(
    rows.map(({ number }) => number),
    [productNumber, 987_654],
  );
});

test('a clock that leaps ahead deletes nothing, until it has gone on evenly for a day', async () => {
  await uploadLogs(server, productNumber, createJournal(), createEntries(1, 3));
  await server.jobs.run('logs.keep');
  server.clock.jump(120 * DAY_MS);
  await server.jobs.run('logs.keep');
  server.clock.advance(DAY_MS / 2);
  await server.jobs.run('logs.keep');
  assert.equal(await countRows('log_entry'), 3);
  server.clock.jump(-120 * DAY_MS);
  await server.jobs.run('logs.keep');
  assert.equal(await countRows('log_entry'), 3);
  server.clock.jump(120 * DAY_MS);
  await server.jobs.run('logs.keep');
  server.clock.advance(DAY_MS);
  await server.jobs.run('logs.keep');
  assert.equal(await countRows('log_entry'), 0);
});
