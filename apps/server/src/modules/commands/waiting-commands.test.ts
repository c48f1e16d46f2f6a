import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { cancelCommand, type Command, issueCommand } from '@holdfast/api';
import { mcpPath } from '@holdfast/protocol';
import { sql } from 'kysely';
import { send } from '../../testing/test-browser.ts';
import { type FleetDevice, forgetFleet, insertFleet } from '../../testing/test-fleet.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { listWaitingProducts, type WaitingQuery } from './command-work.store.ts';
import { WaitingCommands, type WaitingFlags } from './waiting-commands.service.ts';

let server: TestServer;
let fleet: FleetDevice[];
let flags: Map<number, boolean>;
let urgent: Set<number>;
let waiting: WaitingCommands;
const memoryFlags: WaitingFlags = {
  setCommandsWaiting: (productNumber, areWaiting, isUrgent) => {
    flags.set(productNumber, areWaiting);
    if (isUrgent) urgent.add(productNumber);
    else urgent.delete(productNumber);
  },
  areCommandsWaiting: (productNumber) => flags.get(productNumber) === true,
  isUrgentWaiting: (productNumber) => urgent.has(productNumber),
};
before(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  await forgetFleet(server);
  fleet = await insertFleet(server, { count: 4 });
  flags = new Map();
  urgent = new Set();
  waiting = new WaitingCommands(
    (query) => listWaitingProducts(server.database.db, query),
    server.clock,
    memoryFlags,
  );
});
after(() => server.close());

const numberOf = (index: number): number => fleet[index]?.productNumber ?? 0;

async function issue(indexes: readonly number[], expiresInMs = 3_600_000): Promise<string> {
  const deviceIds = indexes.map((index) => fleet[index]?.id ?? '');
  const body = { type: 'collect-inventory', targets: { deviceIds }, expiresInMs };
  const answer = await send(server, issueCommand, { body }, server.actAs());
  assert.equal(answer.statusCode, 201, answer.body);
  return answer.json<Command>().id;
}

test('after a restart exactly those are told to fetch who have something to fetch', async () => {
  await issue([0, 1]);
  const gone = await issue([2]);
  await send(server, cancelCommand, { params: { commandId: gone } }, server.actAs());
  await issue([3], 60_000);
  server.clock.advance(60_000);
  await waiting.load();
  assert.deepEqual(
    [...flags],
    [
      [numberOf(0), true],
      [numberOf(1), true],
    ],
  );
});

test('the flag stays while anything waits: delivered and not yet accepted counts, accepted does not', async () => {
  const commandId = await issue([0]);
  const product = server.actAsProduct(numberOf(0));
  await waiting.recheck([numberOf(0)]);
  assert.equal(flags.get(numberOf(0)), true);
  await server.call({ method: 'POST', url: mcpPath.commandClaims, payload: { max: 1 } }, product);
  await waiting.recheck([numberOf(0)]);
  assert.equal(flags.get(numberOf(0)), true);
  const payload = { reports: [{ commandId, state: 'accepted', at: server.clock.now() }] };
  await server.call({ method: 'POST', url: mcpPath.commandReports, payload }, product);
  await waiting.recheck([numberOf(0), numberOf(1)]);
  assert.deepEqual([flags.get(numberOf(0)), flags.get(numberOf(1))], [false, false]);
});

/** Flags alone, with looks into the database that a test makes up. */
function createScripted(look: (query: WaitingQuery, count: number) => number[] | Promise<number[]>) {
  let count = 0;
  const scripted = new WaitingCommands(
    async (query) => {
      count += 1;
      const found = await look(query, count);
      return found.map((productNumber) => ({ productNumber, isUrgent: false }));
    },
    server.clock,
    memoryFlags,
  );
  return { scripted, lookCount: () => count };
}

test('a flag that an order has set is never taken back by an older look', async () => {
  const { scripted, lookCount } = createScripted((_query, count) => {
    // The first look sees nothing, and an order is given before it comes to anything.
    if (count > 1) return [7];
    scripted.mark([7]);
    return [];
  });
  await scripted.recheck([7]);
  assert.deepEqual([lookCount(), flags.get(7)], [2, true]);
});

test('a flag stays where orders for the very same product come faster than looks', async () => {
  const { scripted } = createScripted(() => {
    scripted.mark([7]);
    return [];
  });
  await scripted.recheck([7]);
  assert.equal(flags.get(7), true);
});

test('a steady stream of orders for others keeps no flag set', async () => {
  const { scripted, lookCount } = createScripted(() => {
    scripted.mark([8, 9]);
    return [];
  });
  flags.set(7, true);
  await scripted.recheck([7]);
  assert.deepEqual([lookCount(), flags.get(7)], [1, false]);
});

test('of many in one look, only those that got a new order meanwhile are looked at again', async () => {
  const asked: unknown[] = [];
  const { scripted } = createScripted((query, count) => {
    asked.push(query.among);
    if (count === 1) scripted.mark([8]);
    return count === 1 ? [] : [8];
  });
  await scripted.recheck([7, 8, 9]);
  assert.deepEqual(asked, [[7, 8, 9], [8]]);
  assert.deepEqual(
    [7, 8, 9].map((productNumber) => flags.get(productNumber)),
    [false, true, false],
  );
});

test('an order between two looks that overlap is not lost by either of them', async () => {
  const answers: ((products: number[]) => void)[] = [];
  const { scripted } = createScripted((_query, count) =>
    count > 2 ? [7] : new Promise((resolve) => void answers.push(resolve)),
  );
  const first = scripted.recheck([7]);
  const second = scripted.recheck([7]);
  scripted.mark([7]);
  // The second look ends first: the first must still know of the order.
  answers[1]?.([]);
  await second;
  answers[0]?.([]);
  await first;
  assert.equal(flags.get(7), true);
});

test('a look that fails leaves the flag, and the next one is not held up by it', async () => {
  const { scripted } = createScripted((_query, count) => {
    if (count === 1) throw new Error('away');
    return [];
  });
  flags.set(7, true);
  await assert.rejects(scripted.recheck([7]));
  assert.equal(flags.get(7), true);
  await scripted.recheckIfTold(7);
  assert.equal(flags.get(7), false);
});

test('a product that was told to come and finds nothing is not told so again', async () => {
  const { presence } = server.app.modules;
  const product = server.actAsProduct(numberOf(0));
  const claim = async () =>
    await server.call({ method: 'POST', url: mcpPath.commandClaims, payload: { max: 5 } }, product);
  // As after a look that was overtaken too often: the flag is set and nothing waits.
  presence.setCommandsWaiting(numberOf(0), true, false);
  assert.deepEqual((await claim()).json(), { commands: [] });
  assert.equal(presence.areCommandsWaiting(numberOf(0)), false);
  // Something stands there, but its time is over.
  await issue([0], 60_000);
  server.clock.advance(60_000);
  assert.equal(presence.areCommandsWaiting(numberOf(0)), true);
  assert.deepEqual((await claim()).json(), { commands: [] });
  assert.equal(presence.areCommandsWaiting(numberOf(0)), false);
  // While something does wait, it stays set.
  await issue([0]);
  assert.equal((await claim()).json().commands.length, 1);
  assert.equal(presence.areCommandsWaiting(numberOf(0)), true);
});

test('what a product waits for is found by an index, however long Command Tracking is', async () => {
  const { db } = server.database;
  const commandId = await issue([0]);
  await sql`
    insert into command_target (command_id, product_number, id, device_id, device_name, state, steps)
    select ${commandId}::uuid, 1000 + n, gen_random_uuid(), gen_random_uuid(), 'd', 'succeeded', '[{}]'
    from generate_series(1, 20000) n`.execute(db);
  await sql`analyze command_target`.execute(db);
  for (const state of [`in ('queued', 'delivered')`, `= 'cancelling'`]) {
    const { rows } = await sql<{ 'QUERY PLAN': string }>`
      explain select 1 from command_target where product_number = 17 and state ${sql.raw(state)} limit 1
    `.execute(db);
    assert.match(
      rows.map((row) => row['QUERY PLAN']).join('\n'),
      /Index (Only )?Scan using command_target_waiting_idx/,
    );
  }
});
