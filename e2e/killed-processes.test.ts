import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { getDevice } from '@holdfast/api';
import {
  createDatabase,
  findEmbeddedConnection,
  type OpenDatabase,
} from '@holdfast/server/src/platform/database/index.ts';
import { findLivingPostmaster } from '@holdfast/server/src/platform/database/postmaster-pid.ts';
import { createHome } from './support/holdfast-process.ts';
import {
  issueCommands,
  issueOne,
  type KilledComputer,
  type KilledWorld,
  openKilledWorld,
  type Orders,
  writeEntries,
} from './support/killed-world.ts';
import { stopKeptPrograms } from './support/kept-program.ts';
import { signalProcess, stopAllProcesses } from './support/running-process.ts';
import { createSeededRandom } from './support/seeded-random.ts';
import { until } from './support/until.ts';

// Fifty times SIGKILL, while log entries are uploaded and commands are carried out. The database writes to the disk as it does
// for people. Set HOLDFAST_TEST_SEED to repeat the order and the moments of the kills.

const kills = { shipped: 15, counting: 10, server: 13, database: 12 } as const;
type Victim = keyof typeof kills;

interface Progress {
  readonly orders: number;
  readonly entries: readonly number[];
}

after(() => stopAllProcesses());

test('after fifty kills of server, database and agents nothing that was acknowledged is lost, and nothing is there twice', async (t) => {
  const random = createSeededRandom();
  t.diagnostic(`seed ${random.seed}`);
  const home = await createHome();
  let computers: readonly KilledComputer[] = [];
  t.after(async () => {
    for (const { journals } of computers) journals.close();
    // The server ends its database with it: nobody writes into the home any more when it goes.
    await stopKeptPrograms();
    await home.remove();
  });
  const world = await openKilledWorld(home.path);
  ({ computers } = world);
  t.after(() => world.administrator.close());
  const orders: Orders = { requestCount: 0, acknowledged: new Set(), refusals: new Map() };
  const stopping = new AbortController();
  const work = Promise.all([
    writeEntries(world, random, stopping.signal),
    issueCommands(world, random, orders, stopping.signal),
  ]);
  const measure = (): Progress => ({
    orders: orders.acknowledged.size,
    entries: world.computers.map(({ journals }) => journals.countAcknowledged()),
  });

  const victims = random.shuffle(
    Object.entries(kills).flatMap(([victim, count]) => Array.from({ length: count }, () => victim as Victim)),
  );
  let before = measure();
  for (const victim of victims) {
    // One in five comes before the world has recovered from the one before.
    if (random.next() < 0.8) await untilAtWork(world, victim, before, measure);
    await pause(random.between(0, 500));
    before = measure();
    await kill(world, victim);
  }

  await until(
    'the last order is acknowledged',
    () => orders.acknowledged.size > before.orders || undefined,
    60_000,
    world.output,
  );
  stopping.abort();
  await work;
  // The entries are written past the agents, who look for them when they have one of their own: one last order each.
  for (const computer of world.computers) await issueOne(world, computer, computer.commandTypes[0], orders);
  const database = createDatabase({ connection: await findEmbeddedConnection(join(world.home, 'state')) });
  t.after(() => database.close());
  await untilAllIsDone(world, database);
  t.diagnostic(
    `${orders.acknowledged.size} commands, ${measure().entries.join(' and ')} log entries, not at once: ${JSON.stringify(Object.fromEntries(orders.refusals))}`,
  );

  assert.equal(world.server.startCount, kills.server + 1 + world.server.otherEnds.length);
  for (const end of world.server.otherEnds) {
    // Its database was killed while it was starting: it says so and ends, and is started again.
    assert.match(end, /^status 1: .*\(DATABASE_(?:START_FAILED|UNAVAILABLE)\)/su);
  }
  for (const { agent } of world.computers) assert.deepEqual(agent.otherEnds, []);
  for (const { agent } of world.computers) assert.equal(await agent.stop(), 0, agent.current.output());
  await checkCommands(world, database, orders);
  for (const computer of world.computers) await checkEntries(computer, database);
  for (const { deviceId } of world.computers) {
    const { device } = await world.administrator.client.call(getDevice, { params: { deviceId } });
    assert.deepEqual(device.keyCopies, [], 'a restart is not taken for a second computer');
  }
});

/** Both kinds of work go on: a kill that falls on nothing under way shows nothing. */
async function untilAtWork(
  { output }: KilledWorld,
  victim: Victim,
  before: Progress,
  measure: () => Progress,
): Promise<void> {
  await until(
    `after the last kill the work goes on, before that of ${victim}`,
    () => {
      const now = measure();
      const moved = now.entries.map((count, index) => count > (before.entries[index] ?? 0));
      const isMoving =
        victim === 'counting' ? moved[1] : victim === 'shipped' ? moved[0] : moved.includes(true);
      return (now.orders > before.orders && isMoving) || undefined;
    },
    60_000,
    output,
  );
}

async function kill({ server, computers, databaseFolder }: KilledWorld, victim: Victim): Promise<void> {
  if (victim === 'server') return await server.kill();
  if (victim === 'database') {
    const { pid } = await until('the database runs', () => findLivingPostmaster(databaseFolder), 60_000);
    return signalProcess(pid, 'SIGKILL');
  }
  await computers.find(({ name }) => name === victim)?.agent.kill();
}

async function untilAllIsDone(world: KilledWorld, database: OpenDatabase): Promise<void> {
  await until(
    'every command has an end, and no journal has an entry left',
    async () => {
      const { rows } = await ask<{ open: number }>(
        database,
        "select count(*)::int as open from command_target where state not in ('succeeded', 'failed', 'expired', 'cancelled')",
      );
      const waiting = world.computers.flatMap(({ journals }) => journals.read().map((one) => one.entryCount));
      return (rows[0]?.open === 0 && waiting.every((count) => count === 0)) || undefined;
    },
    90_000,
    world.output,
  );
}

interface TargetRow {
  readonly command_id: string;
  readonly type: string;
  readonly state: string;
  readonly code: string | null;
  readonly steps: readonly { readonly state: string }[];
}

/** Each request became one command, each command came to one end, and its effect was there once. */
async function checkCommands(
  { effects }: KilledWorld,
  database: OpenDatabase,
  { requestCount, acknowledged }: Orders,
): Promise<void> {
  const { rows } = await ask<TargetRow>(
    database,
    'select t.command_id, c.type, t.state, t.code, t.steps from command_target t join command c on c.id = t.command_id',
  );
  assert.equal(rows.length, requestCount, 'a request that is repeated with its key is the same command');
  const known = new Set(rows.map((row) => row.command_id));
  assert.deepEqual(
    [...acknowledged].filter((id) => !known.has(id)),
    [],
  );
  assert.equal(acknowledged.size, requestCount);

  const path = join(effects, 'appended');
  const appended = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  assert.equal(new Set(appended).size, appended.length, 'no effect twice');
  const ended = await countEvents(database, 'command-ended');
  const begun = await countEvents(database, 'command-begun');
  for (const { command_id: id, type, state, code, steps } of rows) {
    const what = `${type} ${id}: ${state} ${code ?? ''}`;
    const names = steps.map((step) => step.state);
    assert.deepEqual([...new Set(names)], names, `each step of ${what} once`);
    assert.equal(ended.get(id), 1, `the agent ended ${what} once`);
    if (type === 'x-append') assert.equal(begun.get(id), 1, `the agent began ${what} once`);
    const hasEffect = type === 'x-append' ? appended.includes(id) : existsSync(join(effects, id));
    if (state === 'succeeded') {
      if (type.startsWith('x-')) assert.ok(hasEffect, `the effect of ${what}`);
    } else {
      // A kill in its middle: what may not be repeated is not, and what felled the agent five times is given up.
      assert.equal(state, 'failed', what);
      assert.match(code ?? '', type === 'x-append' ? /^COMMAND_INTERRUPTED$/u : /^COMMAND_ABANDONED$/u, what);
    }
  }
}

async function countEvents(database: OpenDatabase, type: string): Promise<Map<string, number>> {
  const { rows } = await ask<{ id: string; count: number }>(
    database,
    "select facts ->> 'commandId' as id, count(*)::int as count from log_entry where type = $1 group by 1",
    [type],
  );
  return new Map(rows.map(({ id, count }) => [id, count]));
}

/** Every entry that was on the disk of the device is in the table of the server, once, and no journal has a gap. */
async function checkEntries(computer: KilledComputer, database: OpenDatabase): Promise<void> {
  const { name, productNumber, journals, marks } = computer;
  const { rows } = await ask<{ journal: string; sequence: number; mark: string | null }>(
    database,
    `select journal, sequence::float8 as sequence, facts ->> 'mark' as mark from log_entry
     where product_number = $1 and journal is not null order by sequence`,
    [productNumber],
  );
  const kept = journals.read();
  for (const { id, lastSequence, entryCount, droppedCount } of kept) {
    const sequences = rows.filter(({ journal }) => journal === id).map(({ sequence }) => sequence);
    const expected = Array.from({ length: sequences.length }, (_, index) => index + 1);
    assert.deepEqual(sequences, expected, `the journal of ${name} from the first to the last, each once`);
    assert.ok(sequences.length >= lastSequence - entryCount, `what ${name} was told is there, is there`);
    assert.ok(sequences.length <= lastSequence);
    assert.equal(droppedCount, 0);
  }
  assert.deepEqual(
    new Set(rows.map(({ journal }) => journal)),
    new Set(kept.filter(({ lastSequence }) => lastSequence > 0).map(({ id }) => id)),
  );
  const arrived = rows.flatMap(({ mark }) => mark ?? []);
  assert.deepEqual(arrived.toSorted(), marks.toSorted(), `what was written on ${name} arrived, once`);
}

async function ask<Row extends object>(
  database: OpenDatabase,
  text: string,
  values: readonly unknown[] = [],
): Promise<{ readonly rows: readonly Row[] }> {
  const client = await database.connectClient();
  try {
    return await client.query<Row>(text, [...values]);
  } finally {
    await client.end();
  }
}
