import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, test } from 'node:test';
import {
  cancelCommand,
  type Command,
  createGroup,
  issueCommand,
  listAuditEntries,
  listCommandIssuers,
  listCommands,
  listCommandTargets,
  removeDevice,
  retryCommand,
} from '@holdfast/api';
import { mcpPath } from '@holdfast/protocol';
import { callApi } from '../../testing/test-api.ts';
import { assertRefused, send } from '../../testing/test-browser.ts';
import { type FleetDevice, forgetFleet, insertFleet } from '../../testing/test-fleet.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { TOP_GROUP_ID } from '../directory/index.ts';

let server: TestServer;
let berlin: string;
let hamburg: string;
before(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  await forgetFleet(server);
  berlin = (await callApi(server, createGroup, { body: { parentId: TOP_GROUP_ID, name: 'Berlin' } })).id;
  hamburg = (await callApi(server, createGroup, { body: { parentId: TOP_GROUP_ID, name: 'Hamburg' } })).id;
});
after(() => server.close());

async function issue(devices: readonly FleetDevice[], more: object = {}): Promise<Command> {
  server.clock.advance(1);
  const body = {
    type: 'collect-inventory',
    targets: { deviceIds: devices.map((device) => device.id) },
    ...more,
  };
  return await callApi(server, issueCommand, { body });
}

async function report(command: Command, device: FleetDevice, state: 'failed' | 'succeeded'): Promise<void> {
  const one = { commandId: command.id, state, at: server.clock.now() };
  const payload = { reports: [state === 'failed' ? { ...one, code: 'BROKEN' } : one] };
  const product = server.actAsProduct(device.productNumber);
  const answer = await server.call({ method: 'POST', url: mcpPath.commandReports, payload }, product);
  assert.equal(answer.statusCode, 200, answer.body);
}

const retry = async (commandId: string, body: object = {}): Promise<Command> =>
  await callApi(server, retryCommand, { params: { commandId }, body });

async function devicesOf(command: Command): Promise<string[]> {
  const input = { params: { commandId: command.id }, query: {} };
  const { targets } = await callApi(server, listCommandTargets, input);
  return targets.map((target) => target.deviceId ?? '').toSorted((a, b) => a.localeCompare(b));
}

const idsOf = (devices: readonly (FleetDevice | undefined)[]): string[] =>
  devices.flatMap((device) => device?.id ?? []).toSorted((a, b) => a.localeCompare(b));

/** One device failed, one succeeded, and the third was cancelled. */
async function issueMixed(): Promise<{ command: Command; fleet: FleetDevice[] }> {
  const fleet = await insertFleet(server, { count: 3, groupId: berlin });
  const command = await issue(fleet, { isUrgent: true });
  await report(command, fleet[0] as FleetDevice, 'failed');
  await report(command, fleet[1] as FleetDevice, 'succeeded');
  await callApi(server, cancelCommand, { params: { commandId: command.id } });
  return { command, fleet };
}

test('trying again is a new command for those who failed, and it names the first one', async () => {
  const { command, fleet } = await issueMixed();
  const again = await retry(command.id);
  assert.notEqual(again.id, command.id);
  assert.deepEqual(
    [again.type, again.repeatsId, again.isUrgent, again.target, again.counts.queued],
    [command.type, command.id, true, '2 devices', 2],
  );
  assert.deepEqual(await devicesOf(again), idsOf([fleet[0], fleet[2]]));
  // The first one stays as it was, and leads to those that repeat it.
  const { commands } = await callApi(server, listCommands, { query: { repeatsId: command.id } });
  assert.deepEqual(
    commands.map((one) => one.id),
    [again.id],
  );
  const { entries } = await callApi(server, listAuditEntries, { query: { objectId: again.id } });
  assert.deepEqual([entries[0]?.action, entries[0]?.details['repeats']], ['command.issued', command.id]);
});

test('one may choose after which ends it is tried again', async () => {
  const { command, fleet } = await issueMixed();
  const again = await retry(command.id, { states: ['failed'], isUrgent: false });
  assert.deepEqual(await devicesOf(again), idsOf([fleet[0]]));
  assert.equal(again.isUrgent, false);
});

test('there is nothing to try again where nothing has ended badly', async () => {
  const [device] = await insertFleet(server, { count: 1 });
  const command = await issue([device as FleetDevice]);
  const input = { params: { commandId: command.id }, body: {} };
  const answer = await send(server, retryCommand, input, server.actAs());
  assertRefused(answer, 422, 'COMMAND_NOTHING_TO_REPEAT');
});

test('a device in the recycle bin is left out', async () => {
  const { command, fleet } = await issueMixed();
  await callApi(server, removeDevice, { params: { deviceId: fleet[0]?.id ?? '' } });
  assert.deepEqual(await devicesOf(await retry(command.id)), idsOf([fleet[2]]));
});

test('a caller tries again within its group and nowhere else', async () => {
  const [here] = (await insertFleet(server, { count: 1, groupId: berlin })) as [FleetDevice];
  const [there] = (await insertFleet(server, { count: 1, groupId: hamburg })) as [FleetDevice];
  const command = await issue([here, there]);
  await report(command, here, 'failed');
  await report(command, there, 'failed');
  const input = { params: { commandId: command.id }, body: {} };
  const answer = await send(server, retryCommand, input, server.actAs({ scope: new Set([berlin]) }));
  assert.equal(answer.statusCode, 201, answer.body);
  assert.deepEqual(await devicesOf(answer.json()), idsOf([here]));
  const foreign = await issue([there]);
  await report(foreign, there, 'failed');
  const hidden = { params: { commandId: foreign.id }, body: {} };
  const refused = await send(server, retryCommand, hidden, server.actAs({ scope: new Set([berlin]) }));
  assertRefused(refused, 404, 'COMMAND_NOT_FOUND');
});

test('nobody is told names of devices that they may not see', async () => {
  const [device] = (await insertFleet(server, { count: 1, groupId: berlin })) as [FleetDevice];
  const command = await issue([device]);
  await report(command, device, 'failed');
  const blind = [
    { permissions: new Set(['commands:read', 'commands:issue'] as const), groupId: null },
    { permissions: new Set(['directory:read'] as const), groupId: hamburg },
  ];
  const input = { params: { commandId: command.id }, body: {} };
  const answer = await send(server, retryCommand, input, server.actAs({ grants: blind }));
  assertRefused(answer, 422, 'COMMAND_NOTHING_TO_REPEAT');
});

test('repeating the request with its key makes no second command', async () => {
  const { command } = await issueMixed();
  const input = {
    params: { commandId: command.id },
    body: { idempotencyKey: randomUUID() },
    as: server.actAs(),
  };
  const again = await callApi(server, retryCommand, input);
  assert.equal((await callApi(server, retryCommand, input)).id, again.id);
});

test('Command Tracking is narrowed down by state, issuer and time', async () => {
  const { command } = await issueMixed();
  server.clock.advance(1_000);
  const fleet = await insertFleet(server, { count: 1, groupId: hamburg });
  const later = await issue(fleet);
  const list = async (query: object): Promise<string[]> =>
    (await callApi(server, listCommands, { query })).commands.map((one) => one.id);
  assert.deepEqual(await list({ state: 'failed' }), [command.id]);
  assert.deepEqual(await list({ state: 'queued' }), [later.id]);
  assert.deepEqual(await list({ from: later.issuedAt }), [later.id]);
  assert.deepEqual(await list({ to: later.issuedAt }), [command.id]);
  assert.deepEqual(await list({ issuedBy: 'TEST caller' }), [later.id, command.id]);
  assert.deepEqual(await list({ issuedBy: 'test' }), []);
  const bad = await send(server, listCommands, { query: { from: '2026-11-22 08:00:00Z' } }, server.actAs());
  assertRefused(bad, 400, 'REQUEST_INVALID');
});

test('issuers are named to those who see what they issued', async () => {
  const fleet = await insertFleet(server, { count: 1, groupId: hamburg });
  await issue(fleet);
  const namesFor = async (groupId: string): Promise<string[]> =>
    (await send(server, listCommandIssuers, {}, server.actAs({ scope: new Set([groupId]) }))).json().names;
  assert.deepEqual(await namesFor(hamburg), ['test caller']);
  assert.deepEqual(await namesFor(berlin), []);
});
