import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import {
  cancelCommand,
  type Command,
  type CommandTarget,
  createGroup,
  getCommand,
  issueCommand,
  listAuditEntries,
  listCommands,
  listCommandTargets,
} from '@holdfast/api';
import { type ClaimAnswer, type CommandReport, mcpPath, type ReportsAnswer } from '@holdfast/protocol';
import { sql } from 'kysely';
import { callApi } from '../../testing/test-api.ts';
import { send } from '../../testing/test-browser.ts';
import type { CallerHeaders } from '../../testing/test-callers.ts';
import { type FleetDevice, forgetFleet, insertFleet } from '../../testing/test-fleet.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { TOP_GROUP_ID } from '../directory/index.ts';
import { REPORT_GRACE_MS } from './command-expiry.service.ts';
import { listWaitingProducts } from './command-work.store.ts';

// What happens when an administrator cancels what a product has begun.

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  await forgetFleet(server);
});
after(() => server.close());

const DAY_MS = 86_400_000;

async function issue(filter: { readonly groupId?: string } = {}): Promise<string> {
  server.clock.advance(10);
  const body = { type: 'collect-inventory', targets: { filter }, expiresInMs: DAY_MS } as const;
  return (await callApi(server, issueCommand, { body })).id;
}

async function claim({ productNumber }: FleetDevice): Promise<ClaimAnswer> {
  const request = { method: 'POST', url: mcpPath.commandClaims, payload: { max: 50 } } as const;
  const answer = await server.call(request, server.actAsProduct(productNumber));
  assert.equal(answer.statusCode, 200, answer.body);
  return answer.json();
}

async function report(
  { productNumber }: FleetDevice,
  ...reports: readonly (Partial<CommandReport> & Pick<CommandReport, 'commandId' | 'state'>)[]
): Promise<string[]> {
  const payload = { reports: reports.map((one) => ({ at: server.clock.now(), ...one })) };
  const request = { method: 'POST', url: mcpPath.commandReports, payload } as const;
  const answer = await server.call(request, server.actAsProduct(productNumber));
  assert.equal(answer.statusCode, 200, answer.body);
  return answer.json<ReportsAnswer>().outcomes.map((one) => one.outcome);
}

async function cancel(commandId: string, caller: CallerHeaders = server.actAs()): Promise<Command> {
  const answer = await send(server, cancelCommand, { params: { commandId } }, caller);
  assert.equal(answer.statusCode, 200, answer.body);
  return answer.json();
}

async function targetsOf(commandId: string): Promise<CommandTarget[]> {
  return (await callApi(server, listCommandTargets, { params: { commandId }, query: {} })).targets;
}

async function targetOf(commandId: string): Promise<CommandTarget> {
  return (await targetsOf(commandId))[0] ?? assert.fail('no target');
}

async function countsOf(commandId: string): Promise<Command['counts']> {
  return (await callApi(server, getCommand, { params: { commandId } })).counts;
}

/** A product at which a command runs. */
async function run(options: Parameters<typeof insertFleet>[1]): Promise<{ device: FleetDevice; id: string }> {
  const [device = assert.fail()] = await insertFleet(server, options);
  const id = await issue();
  await claim(device);
  await report(device, { commandId: id, state: 'accepted' }, { commandId: id, state: 'running' });
  return { device, id };
}

test('what runs is cancelling until the product has ended it, and the product is told until then', async () => {
  const { device, id } = await run({ count: 1 });
  const { presence } = server.app.modules;
  assert.equal((await targetOf(id)).canCancel, true);
  const { counts } = await cancel(id);
  assert.deepEqual([counts.running, counts.cancelling, counts.cancelled, counts.total], [0, 1, 0, 1]);
  const asked = await targetOf(id);
  assert.deepEqual([asked.state, asked.canCancel], ['cancelling', false]);
  const { at, ...step } = asked.steps.at(-1) ?? assert.fail();
  assert.deepEqual(step, { state: 'cancelling', detail: 'test caller asked the product to end it.' });
  assert.equal(at, new Date(server.clock.now()).toISOString());
  assert.equal(presence.areCommandsWaiting(device.productNumber), true);
  assert.deepEqual(await claim(device), { commands: [], cancel: [id] });
  assert.deepEqual(await claim(device), { commands: [], cancel: [id] }, 'again, until its end is reported');
  assert.equal(presence.areCommandsWaiting(device.productNumber), true);
  assert.deepEqual(await report(device, { commandId: id, state: 'running' }), ['already-recorded']);
  assert.deepEqual((await claim(device)).cancel, [id]);
  assert.deepEqual(
    await report(device, { commandId: id, state: 'cancelled', detail: 'Stopped after the first disk.' }),
    ['recorded'],
  );
  const ended = await targetOf(id);
  assert.deepEqual(
    [ended.state, ended.detail, ended.steps.map((one) => one.state)],
    [
      'cancelled',
      'Stopped after the first disk.',
      ['queued', 'delivered', 'accepted', 'running', 'cancelling', 'cancelled'],
    ],
  );
  assert.deepEqual(await claim(device), { commands: [] });
  assert.equal(presence.areCommandsWaiting(device.productNumber), false);
  assert.deepEqual(await report(device, { commandId: id, state: 'cancelled' }), ['already-recorded']);
  assert.deepEqual(await report(device, { commandId: id, state: 'succeeded' }), ['closed']);
  const after = await countsOf(id);
  assert.deepEqual([after.cancelling, after.cancelled, after.total], [0, 1, 1]);
});

for (const state of ['succeeded', 'failed'] as const) {
  test(`a product that had ended it by then says what really happened: ${state}`, async () => {
    const { device, id } = await run({ count: 1 });
    await cancel(id);
    assert.deepEqual(await report(device, { commandId: id, state }), ['recorded']);
    assert.deepEqual((await targetOf(id)).state, state);
    assert.deepEqual(await claim(device), { commands: [] });
  });
}

test('at a product of the first version what runs goes on, and what has not begun does not begin', async () => {
  const { device, id } = await run({ count: 1, capabilityVersion: 1 });
  const [other = assert.fail()] = await insertFleet(server, { count: 1 });
  assert.equal((await targetOf(id)).canCancel, false);
  const counts = (await cancel(id)).counts;
  assert.deepEqual([counts.running, counts.cancelling], [1, 0]);
  assert.deepEqual(await claim(device), { commands: [] });
  assert.deepEqual(await report(device, { commandId: id, state: 'succeeded' }), ['recorded']);
  const { entries } = await callApi(server, listAuditEntries, { query: { objectId: id } });
  assert.deepEqual(
    entries.map((entry) => entry.action),
    ['command.issued'],
    'nothing was cancelled, so nothing is written down',
  );
  assert.equal(server.app.modules.presence.areCommandsWaiting(other.productNumber), false);
});

test('the audit log says how many never began and how many were asked to end, once', async () => {
  const fleet = await insertFleet(server, { count: 5 });
  const id = await issue();
  for (const device of fleet.slice(0, 2)) await report(device, { commandId: id, state: 'running' });
  await cancel(id);
  const counts = await countsOf(id);
  assert.deepEqual([counts.cancelling, counts.cancelled], [2, 3]);
  await cancel(id);
  assert.deepEqual(await countsOf(id), counts, 'repeating it changes nothing');
  const { entries } = await callApi(server, listAuditEntries, { query: { objectId: id } });
  assert.deepEqual(
    entries.filter((entry) => entry.action === 'command.cancelled').map((entry) => entry.details),
    [{ products: 3, askedToEnd: 2 }],
  );
});

test('whoever cancels for a part of the devices ends it there only', async () => {
  const { id: groupId } = await callApi(server, createGroup, {
    body: { parentId: TOP_GROUP_ID, name: 'Berlin' },
  });
  const [inside = assert.fail()] = await insertFleet(server, { count: 1, groupId });
  const [outside = assert.fail()] = await insertFleet(server, { count: 1 });
  const id = await issue();
  for (const device of [inside, outside]) await report(device, { commandId: id, state: 'running' });
  await cancel(id, server.actAs({ scope: new Set([groupId]) }));
  assert.deepEqual((await claim(inside)).cancel, [id]);
  assert.deepEqual(await claim(outside), { commands: [] });
  const counts = await countsOf(id);
  assert.deepEqual([counts.running, counts.cancelling], [1, 1]);
});

test('a product that never answers ends as expired, days after the command', async () => {
  const { device, id } = await run({ count: 1 });
  await cancel(id);
  server.clock.advance(DAY_MS);
  await server.ticks.run('commands.expire');
  assert.equal((await targetOf(id)).state, 'cancelling');
  assert.deepEqual((await claim(device)).cancel, [id], 'it is told as long as it may still answer');
  server.clock.advance(REPORT_GRACE_MS);
  await server.ticks.run('commands.expire');
  const target = await targetOf(id);
  assert.deepEqual([target.state, target.code], ['expired', 'NO_REPORT']);
  assert.match(target.detail, /asked to end it/u);
  assert.deepEqual(await claim(device), { commands: [] });
  assert.equal(server.app.modules.presence.areCommandsWaiting(device.productNumber), false);
  assert.deepEqual(await report(device, { commandId: id, state: 'cancelled' }), ['closed']);
});

test('what is to end is urgent for the product, and known again after a restart of the server', async () => {
  const { device, id } = await run({ count: 1 });
  await cancel(id);
  assert.equal(server.app.modules.presence.isUrgentWaiting(device.productNumber), true);
  const now = new Date(server.clock.now() + 2 * DAY_MS);
  assert.deepEqual(await listWaitingProducts(server.database.db, { now }), [
    { productNumber: device.productNumber, isUrgent: true },
  ]);
});

test('whoever cancels again after an answer that was lost has the product told', async () => {
  const { device, id } = await run({ count: 1 });
  await cancel(id);
  const { presence } = server.app.modules;
  presence.setCommandsWaiting(device.productNumber, false, false);
  await cancel(id);
  assert.equal(presence.areCommandsWaiting(device.productNumber), true);
});

test('a command of which a product ends something is in progress', async () => {
  const { device, id } = await run({ count: 1 });
  await cancel(id);
  await server.ticks.run('commands.count');
  const list = async (progress: 'in-progress' | 'finished'): Promise<string[]> =>
    (await callApi(server, listCommands, { query: { progress } })).commands.map((one) => one.id);
  assert.deepEqual([await list('in-progress'), await list('finished')], [[id], []]);
  await report(device, { commandId: id, state: 'cancelled' });
  assert.deepEqual([await list('in-progress'), await list('finished')], [[], [id]]);
});

test('the database refuses to take back what was asked for, and a release that does not know of it does no harm', async () => {
  const { id } = await run({ count: 1 });
  await cancel(id);
  const { db } = server.database;
  const write = async (state: string): Promise<void> => {
    await sql`update command_target set state = ${state}, steps = steps || '[{}]' where command_id = ${id}`.execute(
      db,
    );
  };
  await assert.rejects(write('queued'), /never goes from cancelling/u);
  // As the release before writes a report that came again.
  await write('running');
  const target = await targetOf(id);
  assert.deepEqual([target.state, target.steps.length], ['cancelling', 5]);
  await write('succeeded');
  assert.equal((await countsOf(id)).succeeded, 1);
});
