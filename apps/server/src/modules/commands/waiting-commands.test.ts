import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { cancelCommand, type Command, issueCommand } from '@holdfast/api';
import { mcpPath } from '@holdfast/protocol';
import { sql } from 'kysely';
import { send } from '../../testing/test-browser.ts';
import { type FleetDevice, forgetFleet, insertFleet } from '../../testing/test-fleet.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { listWaitingProducts } from './command-work.store.ts';
import { WaitingCommands } from './waiting-commands.service.ts';

let server: TestServer;
let fleet: FleetDevice[];
let flags: Map<number, boolean>;
let waiting: WaitingCommands;
before(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  await forgetFleet(server);
  fleet = await insertFleet(server, { count: 4 });
  flags = new Map();
  const setCommandsWaiting = (productNumber: number, areWaiting: boolean) =>
    void flags.set(productNumber, areWaiting);
  waiting = new WaitingCommands((query) => listWaitingProducts(server.database.db, query), server.clock, {
    setCommandsWaiting,
  });
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

test('a flag that an order has set is never taken back by an older look', async () => {
  const looks: number[] = [];
  waiting = new WaitingCommands(
    async () => {
      looks.push(looks.length);
      // The first look sees nothing, and an order is given before it comes to anything.
      if (looks.length > 1) return [7];
      waiting.mark([7]);
      return [];
    },
    server.clock,
    {
      setCommandsWaiting: (productNumber, areWaiting) => {
        assert.equal(areWaiting, true);
        flags.set(productNumber, areWaiting);
      },
    },
  );
  await waiting.recheck([7]);
  assert.deepEqual([looks.length, flags.get(7)], [2, true]);
});

test('a flag stays where orders come faster than looks', async () => {
  waiting = new WaitingCommands(
    async () => {
      waiting.mark([8]);
      return [];
    },
    server.clock,
    { setCommandsWaiting: (productNumber, areWaiting) => void flags.set(productNumber, areWaiting) },
  );
  await waiting.recheck([7]);
  assert.equal(flags.get(7), undefined, 'left as it was');
});

test('what a product waits for is found by an index, however long Command Tracking is', async () => {
  const { db } = server.database;
  const commandId = await issue([0]);
  await sql`
    insert into command_target (command_id, product_number, id, device_id, device_name, state, steps)
    select ${commandId}::uuid, 1000 + n, gen_random_uuid(), gen_random_uuid(), 'd', 'succeeded', '[{}]'
    from generate_series(1, 20000) n`.execute(db);
  await sql`analyze command_target`.execute(db);
  const { rows } = await sql<{ 'QUERY PLAN': string }>`
    explain select 1 from command_target where product_number = 17 and state in ('queued', 'delivered') limit 1
  `.execute(db);
  assert.match(
    rows.map((row) => row['QUERY PLAN']).join('\n'),
    /Index (Only )?Scan using command_target_open_idx/,
  );
});
