/** Processes that change things and hear of it, killed at any moment, again and again, while another one goes on. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts';
import { changeThings, createTestEvents, createThings, until } from './test-events.ts';

const KILLS = 12;
const THINGS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
/** Changed by the one that is killed too: whatever it was killed in, a change and its event are both there or neither is. */
const OWN_THINGS = ['b', 'd'];
const PROCESS = fileURLToPath(new URL('./subscribers.test-process.ts', import.meta.url));

let database: TestDatabase;
let child: ChildProcess | undefined;
before(async () => {
  database = await createTestDatabase();
});
after(async () => {
  child?.kill('SIGKILL');
  await database.close();
});

/** @param changed the things that it changes itself */
async function start(changed: readonly string[]): Promise<ChildProcess> {
  const started = spawn(process.execPath, [PROCESS, database.url, ...changed], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child = started;
  await Promise.race([
    once(started.stdout, 'data'),
    once(started, 'exit').then(() => assert.fail('the process ended before it was ready')),
  ]);
  return started;
}

async function count(table: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.ref(table)}`.execute(
    database.db,
  );
  return rows[0]?.count ?? 0;
}

/** The versions of each object in the order in which they were written. */
async function versions(table: string): Promise<Map<string, number[]>> {
  const { rows } = await sql<{ object_id: string; versions: number[] }>`
    select object_id, array_agg(version order by id) as versions from ${sql.ref(table)} group by object_id`.execute(
    database.db,
  );
  return new Map(rows.map((row) => [row.object_id, row.versions]));
}

test('whatever is killed when: every event is heard, in order for each object, and inside a transaction exactly once', async () => {
  for (const table of ['handled_inside', 'handled_outside']) {
    await sql`
      create table ${sql.ref(table)} (id bigint generated always as identity, object_id text, version integer)`.execute(
      database.db,
    );
  }
  await createThings(database.db, THINGS);
  const { events } = createTestEvents(database.db);
  // So that the subscribers have their places before the first event.
  let process = await start(OWN_THINGS);
  let isOver = false;
  let seed = 11;
  const random = (bound: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % bound;
  };
  const producing = Array.from({ length: 3 }, async () => {
    while (!isOver) {
      const chosen = THINGS.filter(() => random(4) === 0);
      await changeThings(database.db, events, chosen);
      await delay(random(8));
    }
  });
  for (let kill = 0; kill < KILLS; kill += 1) {
    // At least something was heard since the last time, so that the moment lies in the middle of the work.
    const heard = await count('handled_inside');
    await until(async () => (await count('handled_inside')) > heard);
    await delay(random(120));
    process.kill('SIGKILL');
    await once(process, 'exit');
    // The last one only hears.
    process = await start(kill === KILLS - 1 ? [] : OWN_THINGS);
  }
  isOver = true;
  await Promise.all(producing);
  const { rows } = await sql<{ id: string; version: number }>`select id, version from thing`.execute(
    database.db,
  );
  const total = rows.reduce((sum, row) => sum + row.version, 0);
  const isAllHeard = async (table: string): Promise<boolean> => {
    const heard = await versions(table);
    return rows.every((row) => new Set(heard.get(row.id)).size === row.version);
  };
  await until(async () => (await isAllHeard('handled_inside')) && (await isAllHeard('handled_outside')));
  assert.ok(total > KILLS * 10, `${total} events`);
  const [inside, outside] = [await versions('handled_inside'), await versions('handled_outside')];
  for (const { id, version } of rows) {
    const expected = Array.from({ length: version }, (_, index) => index + 1);
    assert.deepEqual(inside.get(id), expected, 'once');
    // A batch may come again, and then it comes again whole: what is new is in order.
    let highest = 0;
    for (const one of outside.get(id) ?? []) {
      assert.ok(one <= highest + 1, `${one} after ${highest}`);
      highest = Math.max(highest, one);
    }
    assert.equal(highest, version);
  }
});
