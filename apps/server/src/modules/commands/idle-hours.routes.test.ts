import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import {
  type Command,
  type CommandTarget,
  createGroup,
  issueCommand,
  listAuditEntries,
  listCommandTargets,
  planCommand,
  updateGroupCommunication,
} from '@holdfast/api';
import { type ClaimAnswer, mcpPath } from '@holdfast/protocol';
import { callApi, refusalOf } from '../../testing/test-api.ts';
import { assertRefused, send } from '../../testing/test-browser.ts';
import type { CallerHeaders } from '../../testing/test-callers.ts';
import { type FleetDevice, forgetFleet, insertFleet } from '../../testing/test-fleet.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { TOP_GROUP_ID } from '../directory/index.ts';

let server: TestServer;
let groupId: string;
let device: FleetDevice;
let product: CallerHeaders;
before(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  await forgetFleet(server);
  ({ id: groupId } = await callApi(server, createGroup, { body: { parentId: TOP_GROUP_ID, name: 'A' } }));
  [device] = (await insertFleet(server, { count: 1, groupId })) as [FleetDevice];
  product = server.actAsProduct(device.productNumber);
  // Working from 08:00 to 18:00, and now it is six in the morning of some day.
  const day = `${'0'.repeat(8)}${'f'.repeat(10)}${'0'.repeat(6)}`;
  const schedule = { timeZone: 'UTC', week: Array.from({ length: 7 }, () => day) };
  await callApi(server, updateGroupCommunication, {
    params: { groupId },
    body: { revision: 0, own: { ...nothing, schedule } },
  });
  await server.ticks.run('communication.look');
  await server.ticks.run('communication.follow');
  await passTo(6);
});
after(() => server.close());

const nothing = {
  heartbeatIntervalMs: null,
  offlineTimeoutMs: null,
  schedule: null,
  mode: null,
  transport: null,
  listenerPort: null,
};
const HOUR_MS = 3_600_000;

/** To the next time at which it is this hour in UTC. */
async function passTo(hour: number): Promise<void> {
  const intoDayMs = server.clock.now() % (24 * HOUR_MS);
  server.clock.advance((hour * HOUR_MS - intoDayMs + 24 * HOUR_MS) % (24 * HOUR_MS));
  await server.ticks.run('presence.turn');
}

async function issue(isUrgent = false): Promise<Command> {
  server.clock.advance(1);
  const body = {
    type: 'collect-inventory',
    targets: { deviceIds: [device.id] },
    expiresInMs: 30 * 24 * HOUR_MS,
    isUrgent,
  };
  return await callApi(server, issueCommand, { body });
}

async function claim(): Promise<string[]> {
  const request = { method: 'POST', url: mcpPath.commandClaims, payload: { max: 50 } } as const;
  const answer = await server.call(request, product);
  assert.equal(answer.statusCode, 200, answer.body);
  return answer.json<ClaimAnswer>().commands.map((command) => command.id);
}

async function targetOf(command: Command): Promise<CommandTarget> {
  const input = { params: { commandId: command.id }, query: {} };
  return (await callApi(server, listCommandTargets, input)).targets[0] as CommandTarget;
}

const isTold = (): boolean => server.app.modules.presence.areCommandsWaiting(device.productNumber);

test('in idle hours an ordinary command waits, says why, and the product is not told of it', async () => {
  const command = await issue();
  assert.equal(isTold(), false);
  assert.deepEqual(await claim(), []);
  const { state, waitsFor } = await targetOf(command);
  assert.deepEqual([state, waitsFor], ['queued', 'working-hours']);
});

test('when the hours end, whoever has something to fetch is told so and gets it', async () => {
  const command = await issue();
  assert.deepEqual(await claim(), []);
  await passTo(8);
  assert.equal(isTold(), true);
  assert.equal((await targetOf(command)).waitsFor, null);
  assert.deepEqual(await claim(), [command.id]);
});

test('an urgent command passes in idle hours, alone', async () => {
  const ordinary = await issue();
  const urgent = await issue(true);
  assert.deepEqual([ordinary.isUrgent, urgent.isUrgent], [false, true]);
  assert.equal(isTold(), true);
  assert.deepEqual(await claim(), [urgent.id]);
  assert.equal((await targetOf(urgent)).waitsFor, null);
  // It may be reported in these hours, and what is left is not told of.
  const payload = { reports: [{ commandId: urgent.id, state: 'succeeded', at: server.clock.now() }] };
  const reported = await server.call({ method: 'POST', url: mcpPath.commandReports, payload }, product);
  assert.equal(reported.statusCode, 200, reported.body);
  assert.equal(isTold(), false);
  await passTo(8);
  assert.equal(isTold(), true);
  assert.deepEqual(await claim(), [ordinary.id]);
});

test('what was fetched and not accepted when the hours begin comes again when they end', async () => {
  await passTo(12);
  const command = await issue();
  assert.deepEqual(await claim(), [command.id]);
  await passTo(20);
  assert.deepEqual(await claim(), []);
  assert.equal((await targetOf(command)).waitsFor, 'working-hours');
  await passTo(8);
  assert.deepEqual(await claim(), [command.id]);
});

test('in working hours an urgent command is handed out before older ones', async () => {
  await passTo(12);
  const ordinary = await issue();
  const urgent = await issue(true);
  assert.deepEqual(await claim(), [urgent.id, ordinary.id]);
});

test('after a restart the product is told of what is urgent and of nothing else', async () => {
  const { presence, commands } = server.app.modules;
  await issue();
  presence.setCommandsWaiting(device.productNumber, false, false);
  await commands.start();
  assert.equal(isTold(), false);
  await issue(true);
  presence.setCommandsWaiting(device.productNumber, false, false);
  await commands.start();
  assert.equal(isTold(), true);
});

test('the audit log says that a command is urgent', async () => {
  const command = await issue(true);
  const { entries } = await callApi(server, listAuditEntries, { query: { objectId: command.id } });
  assert.equal(entries[0]?.details['isUrgent'], true);
});

test('whoever plans an order learns how many would get it only when their working hours begin, and when', async () => {
  const targets = { deviceIds: [device.id] };
  const { waits, devices } = await callApi(server, planCommand, { body: { targets } });
  const beginsMs = server.clock.now() - (server.clock.now() % (24 * HOUR_MS)) + 8 * HOUR_MS;
  const expected = [{ hoursBeginAt: new Date(beginsMs).toISOString(), devices: 1 }];
  assert.deepEqual(waits, expected);
  assert.equal(devices, 1);
  const all = await callApi(server, planCommand, { body: { targets: { filter: {} } } });
  assert.deepEqual(all.waits, expected);

  await passTo(12);
  assert.deepEqual(await callApi(server, planCommand, { body: { targets } }), { devices: 1, waits: [] });
});

test('of a group that never works, the plan says that its hours never begin', async () => {
  await callApi(server, updateGroupCommunication, {
    params: { groupId },
    body: {
      revision: 1,
      own: {
        ...nothing,
        schedule: { timeZone: 'UTC', week: Array.from({ length: 7 }, () => '0'.repeat(24)) },
      },
    },
  });
  await server.ticks.run('communication.look');
  await server.ticks.run('communication.follow');
  const body = { targets: { deviceIds: [device.id] } };
  assert.deepEqual(await callApi(server, planCommand, { body }), {
    devices: 1,
    waits: [{ hoursBeginAt: null, devices: 1 }],
  });
});

test('a plan for a device that is not there is refused', async () => {
  const body = { targets: { deviceIds: ['0198c5a0-1c2d-7abc-8def-0123456789ab'] } };
  assert.equal(await refusalOf(server, planCommand, { body }), 'DEVICE_NOT_FOUND');
});

test('whoever plans without end is refused after a while, and nobody else', async () => {
  const body = { targets: { deviceIds: [device.id] } };
  const caller = server.actAs();
  const plan = async (): Promise<number> => (await send(server, planCommand, { body }, caller)).statusCode;
  const answers: number[] = [];
  for (let number = 0; number < 40; number += 1) answers.push(await plan());
  assert.equal(answers[0], 200);
  assertRefused(await send(server, planCommand, { body }, caller), 429, 'COMMAND_PLANS_TOO_MANY');
  assert.equal((await send(server, planCommand, { body }, server.actAs())).statusCode, 200);
  server.clock.advance(10_000);
  assert.equal(await plan(), 200);
});
