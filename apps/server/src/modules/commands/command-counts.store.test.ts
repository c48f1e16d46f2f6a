import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type CommandState, commandStates } from '@holdfast/api';
import { sql } from 'kysely';
import { inTransaction } from '../../platform/database/index.ts';
import { createTestDatabase, type TestDatabase } from '../../platform/database/test-database.ts';
import { addUpCounts, listCommandsToCount } from './command-counts.store.ts';
import { rankOf } from './command-state.ts';
import { findCommandRows, insertCommand } from './commands.store.ts';

let database: TestDatabase;
before(async () => {
  database = await createTestDatabase();
});
after(() => database.close());

async function makeCommand(targetCount: number): Promise<string> {
  const id = randomUUID();
  await inTransaction(database.db, async (transaction) => {
    const issuer = { kind: 'system', id: 'test', name: 'test' } as const;
    const times = { issuedAt: new Date(0), expiresAt: new Date(1_000) };
    const text = { type: 'test', title: 'Test', parameters: {}, targetText: 'all' };
    const rest = { idempotencyKey: null, isUrgent: false, repeatsId: null };
    await insertCommand(transaction, { id, issuer, ...times, ...text, ...rest });
    await sql`
      insert into command_target (command_id, product_number, id, device_id, device_name, state, steps)
      select ${id}::uuid, n, gen_random_uuid(), gen_random_uuid(), 'd', 'queued', '[{}]' from generate_series(1, ${targetCount}::integer) n
    `.execute(transaction);
  });
  return id;
}

async function countsOf(id: string): Promise<Record<string, number>> {
  const [row] = await findCommandRows(database.db, [id], null);
  return { ...row?.counts };
}

async function trueCountsOf(id: string): Promise<Record<string, number>> {
  const { rows } = await sql<{ state: CommandState; count: number }>`
    select state, count(*) as count from command_target where command_id = ${id}::uuid group by state
  `.execute(database.db);
  const counts = Object.fromEntries(commandStates.map((state) => [state, 0]));
  for (const row of rows) counts[row.state] = row.count;
  return { total: rows.reduce((sum, row) => sum + row.count, 0), ...counts };
}

test('counts are exact at every moment: while products report at once, while they are added up, and after', async () => {
  const targetCount = 60;
  const id = await makeCommand(targetCount);
  let isDone = false;
  const adding = (async () => {
    while (!isDone) {
      for (const commandId of await listCommandsToCount(database.db, 100))
        await addUpCounts(database.db, commandId);
    }
  })();
  const reading = (async () => {
    let looks = 0;
    while (!isDone) {
      assert.equal((await countsOf(id))['total'], targetCount);
      looks += 1;
    }
    return looks;
  })();
  const forward: CommandState[] = ['delivered', 'accepted', 'running', 'succeeded'];
  await Promise.all(
    [0, 1, 2].map(async (worker) => {
      for (let number = 1 + worker; number <= targetCount; number += 3) {
        for (const state of forward.slice(0, 1 + (number % 4))) {
          await sql`update command_target set state = ${state}
            where command_id = ${id}::uuid and product_number = ${number}`.execute(database.db);
        }
      }
    }),
  );
  assert.deepEqual(await countsOf(id), await trueCountsOf(id));
  isDone = true;
  await adding;
  assert.ok((await reading) > 0);
  assert.deepEqual(await countsOf(id), await trueCountsOf(id));
});

test('two who add up at once count nothing twice', async () => {
  const id = await makeCommand(30);
  await sql`update command_target set state = 'failed' where command_id = ${id}::uuid and product_number % 2 = 0`.execute(
    database.db,
  );
  await Promise.all(Array.from({ length: 5 }, () => addUpCounts(database.db, id)));
  assert.deepEqual(await countsOf(id), await trueCountsOf(id));
  const { rows } = await sql`select 1 from command_count_change where command_id = ${id}::uuid`.execute(
    database.db,
  );
  assert.equal(rows.length, 0);
});

test('a change that is rolled back is not counted', async () => {
  const id = await makeCommand(5);
  const before = await countsOf(id);
  await assert.rejects(
    inTransaction(database.db, async (transaction) => {
      await sql`update command_target set state = 'failed' where command_id = ${id}::uuid`.execute(
        transaction,
      );
      throw new Error('no');
    }),
  );
  assert.deepEqual(await countsOf(id), before);
});

test('the ranks of the database are those of the code', async () => {
  const { rows } = await sql<{ state: CommandState; rank: number }>`
    select state, command_state_rank(state) as rank from unnest(${[...commandStates]}::text[]) as state
  `.execute(database.db);
  assert.deepEqual(
    rows.map((row) => [row.state, row.rank]),
    commandStates.map((state) => [state, rankOf(state)]),
  );
});
