import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import {
  cancelCommand,
  type Command,
  type CommandTarget,
  getCommand,
  issueCommand,
  listCommandTargets,
} from '@holdfast/api';
import {
  type ClaimAnswer,
  type CommandReport,
  limits,
  mcpPath,
  type ReportsAnswer,
} from '@holdfast/protocol';
import { assertRefused, send } from '../../testing/test-browser.ts';
import type { CallerHeaders } from '../../testing/test-callers.ts';
import { type FleetDevice, forgetFleet, insertFleet } from '../../testing/test-fleet.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { REPORT_GRACE_MS } from './command-expiry.service.ts';

let server: TestServer;
let everyone: CallerHeaders;
let device: FleetDevice;
let product: CallerHeaders;
before(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  await forgetFleet(server);
  everyone = server.actAs();
  [device] = (await insertFleet(server, { count: 1 })) as [FleetDevice];
  product = server.actAsProduct(device.productNumber);
});
after(() => server.close());

const DAY_MS = 86_400_000;

async function issue(expiresInMs = DAY_MS): Promise<string> {
  server.clock.advance(10);
  const body = { type: 'collect-inventory', targets: { deviceIds: [device.id] }, expiresInMs };
  const answer = await send(server, issueCommand, { body }, everyone);
  assert.equal(answer.statusCode, 201, answer.body);
  return answer.json<Command>().id;
}

async function claim(caller = product, max = 50): Promise<ClaimAnswer['commands']> {
  const answer = await server.call({ method: 'POST', url: mcpPath.commandClaims, payload: { max } }, caller);
  assert.equal(answer.statusCode, 200, answer.body);
  return answer.json<ClaimAnswer>().commands;
}

async function report(
  reports: readonly (Partial<CommandReport> & { commandId: string; state: CommandReport['state'] })[],
  caller = product,
): Promise<string[]> {
  const payload = { reports: reports.map((one) => ({ at: server.clock.now(), ...one })) };
  const answer = await server.call({ method: 'POST', url: mcpPath.commandReports, payload }, caller);
  assert.equal(answer.statusCode, 200, answer.body);
  return answer.json<ReportsAnswer>().outcomes.map((one) => one.outcome);
}

async function targetOf(commandId: string): Promise<CommandTarget> {
  const answer = await send(server, listCommandTargets, { params: { commandId }, query: {} }, everyone);
  return answer.json<{ targets: CommandTarget[] }>().targets[0] as CommandTarget;
}

test('a command goes from queued to succeeded, each step with its time, and its result is kept', async () => {
  const commandId = await issue();
  const issuedAtMs = server.clock.now();
  server.clock.advance(1_000);
  const [command] = await claim();
  assert.deepEqual(command, {
    id: commandId,
    type: 'collect-inventory',
    parameters: {},
    issuedAt: issuedAtMs,
    expiresAt: issuedAtMs + DAY_MS,
  });
  server.clock.advance(1_000);
  assert.deepEqual(await report([{ commandId, state: 'accepted' }]), ['recorded']);
  server.clock.advance(1_000);
  const outcomes = await report([
    { commandId, state: 'running', at: server.clock.now() - 500 },
    { commandId, state: 'succeeded', detail: 'Done.', result: { changed: true } },
  ]);
  assert.deepEqual(outcomes, ['recorded', 'recorded']);
  const target = await targetOf(commandId);
  const at = (afterMs: number) => new Date(issuedAtMs + afterMs).toISOString();
  assert.deepEqual(target.steps, [
    { state: 'queued', at: at(0), detail: '' },
    { state: 'delivered', at: at(1_000), detail: '' },
    { state: 'accepted', at: at(2_000), detail: '' },
    { state: 'running', at: at(2_500), detail: '' },
    { state: 'succeeded', at: at(3_000), detail: 'Done.' },
  ]);
  assert.deepEqual(target.result, { changed: true });
  assert.deepEqual(await claim(), []);
});

test('what was delivered comes again until it is accepted, oldest first and at most as many as were asked for', async () => {
  const ids = [await issue(), await issue(), await issue()];
  assert.deepEqual(
    (await claim(product, 2)).map((one) => one.id),
    ids.slice(0, 2),
  );
  assert.deepEqual(
    (await claim()).map((one) => one.id),
    ids,
  );
  await report([{ commandId: ids[1] ?? '', state: 'accepted' }]);
  assert.deepEqual(
    (await claim()).map((one) => one.id),
    [ids[0], ids[2]],
  );
  const { steps } = await targetOf(ids[0] ?? '');
  assert.deepEqual(
    steps.map((step) => step.state),
    ['queued', 'delivered'],
    'delivered once, whatever the repetitions',
  );
});

test('two claims at once never fail, and a command is noted as delivered once', async () => {
  const ids = [await issue(), await issue(), await issue()];
  const claims = await Promise.all(Array.from({ length: 8 }, () => claim()));
  assert.ok(claims.some((commands) => commands.length === 3));
  for (const id of ids) {
    assert.deepEqual(
      (await targetOf(id)).steps.map((step) => step.state),
      ['queued', 'delivered'],
    );
  }
});

test('products that fetch at the same time get what is theirs, what is urgent first, and as many as they asked for', async () => {
  const fleet = await insertFleet(server, { count: 40 });
  const deviceIds = fleet.map(({ id }) => id);
  const order = async (isUrgent: boolean, ids = deviceIds): Promise<string> => {
    server.clock.advance(10);
    const body = { type: 'collect-inventory', targets: { deviceIds: ids }, isUrgent };
    return (await send(server, issueCommand, { body }, everyone)).json<Command>().id;
  };
  const [early, urgent] = [await order(false), await order(true)];
  const late = await order(
    false,
    deviceIds.filter((_, index) => index % 2 === 0),
  );
  const claims = await Promise.all(
    fleet.map(async ({ productNumber }, index) => {
      const commands = await claim(server.actAsProduct(productNumber), index % 3 === 0 ? 1 : 50);
      return commands.map(({ id }) => id);
    }),
  );
  for (const [index, ids] of claims.entries()) {
    const own = index % 2 === 0 ? [urgent, early, late] : [urgent, early];
    assert.deepEqual(ids, own.slice(0, index % 3 === 0 ? 1 : 50), `product ${index}`);
  }
  const { counts }: Command = (
    await send(server, getCommand, { params: { commandId: urgent } }, everyone)
  ).json();
  assert.deepEqual([counts.queued, counts.delivered], [0, 40]);
  assert.deepEqual(await claim(), []);
});

test('a repeated batch is answered and changes nothing', async () => {
  const commandId = await issue();
  const batch = [
    { commandId, state: 'accepted', at: server.clock.now() },
    { commandId, state: 'failed', at: server.clock.now(), code: 'DISK_FULL', detail: 'No space left.' },
  ] as const;
  assert.deepEqual(await report(batch), ['recorded', 'recorded']);
  const before = await targetOf(commandId);
  server.clock.advance(5_000);
  assert.deepEqual(await report(batch), ['already-recorded', 'already-recorded']);
  assert.deepEqual(await targetOf(commandId), before);
  assert.deepEqual([before.state, before.code, before.detail], ['failed', 'DISK_FULL', 'No space left.']);
});

test('reports at once for one command leave one end and exact counts', async () => {
  const commandId = await issue();
  const outcomes = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      report([{ commandId, state: index % 2 === 0 ? 'succeeded' : 'failed' }]),
    ),
  );
  assert.equal(outcomes.flat().filter((outcome) => outcome === 'recorded').length, 1);
  const { counts }: Command = (await send(server, getCommand, { params: { commandId } }, everyone)).json();
  assert.equal(counts.total, 1);
  assert.equal(counts.succeeded + counts.failed, 1);
});

test('a product reaches its own commands only', async () => {
  const [other] = (await insertFleet(server, { count: 1 })) as [FleetDevice];
  const commandId = await issue();
  const stranger = server.actAsProduct(other.productNumber);
  assert.deepEqual(await claim(stranger), []);
  assert.deepEqual(await report([{ commandId, state: 'succeeded' }], stranger), ['unknown-command']);
  assert.deepEqual(await report([{ commandId: '019aa000-0000-7000-8000-000000000001', state: 'failed' }]), [
    'unknown-command',
  ]);
  assert.equal((await targetOf(commandId)).state, 'queued');
  assertRefused(
    await server.call({ method: 'POST', url: mcpPath.commandClaims, payload: { max: 1 } }),
    401,
    'ACCESS_TOKEN_INVALID',
  );
  const key = await server.call(
    { method: 'POST', url: mcpPath.commandClaims, payload: { max: 1 } },
    everyone,
  );
  assert.equal(key.statusCode, 401, 'an API key is no product');
});

test('what was not begun in time expires, and a late report is told so', async () => {
  const commandId = await issue(60_000);
  await claim();
  server.clock.advance(60_000);
  assert.deepEqual(await claim(), [], 'before the clock has come by');
  await server.ticks.run('commands.expire');
  const target = await targetOf(commandId);
  assert.deepEqual([target.state, target.code], ['expired', 'NOT_BEGUN_IN_TIME']);
  assert.deepEqual(
    await report([
      { commandId, state: 'accepted' },
      { commandId, state: 'succeeded' },
    ]),
    ['closed', 'closed'],
  );
  assert.deepEqual(await targetOf(commandId), target);
});

test('what was begun in time may end later, and ends days later when nobody reports', async () => {
  const [slow, lost] = [await issue(60_000), await issue(60_000)];
  await report([
    { commandId: slow, state: 'accepted' },
    { commandId: lost, state: 'running' },
  ]);
  server.clock.advance(120_000);
  await server.ticks.run('commands.expire');
  assert.equal((await targetOf(slow)).state, 'accepted');
  assert.deepEqual(await report([{ commandId: slow, state: 'succeeded' }]), ['recorded']);
  server.clock.advance(REPORT_GRACE_MS);
  await server.ticks.run('commands.expire');
  const target = await targetOf(lost);
  assert.deepEqual([target.state, target.code], ['expired', 'NO_REPORT']);
  const due = await server.database.db
    .selectFrom('command')
    .select('id')
    .where('next_expiry_at', 'is not', null)
    .execute();
  assert.deepEqual(due, []);
});

test('what still tells how far it is goes on beyond its expiry, until nothing is heard of it for days', async () => {
  const commandId = await issue(60_000);
  await report([{ commandId, state: 'running' }]);
  for (let percent = 0; percent < 10; percent += 1) {
    server.clock.advance(REPORT_GRACE_MS - 1_000);
    await report([{ commandId, state: 'running', progress: { percent } }]);
    await server.ticks.run('commands.expire');
    assert.equal((await targetOf(commandId)).state, 'running');
  }
  server.clock.advance(REPORT_GRACE_MS - 1_000);
  await server.ticks.run('commands.expire');
  assert.equal((await targetOf(commandId)).state, 'running', 'it is not over yet');
  server.clock.advance(2_000);
  await server.ticks.run('commands.expire');
  assert.equal((await targetOf(commandId)).code, 'NO_REPORT');
  const late = await issue(60_000);
  await report([{ commandId: late, state: 'running' }]);
  for (let turn = 0; turn < 3; turn += 1) {
    server.clock.advance(REPORT_GRACE_MS - 1_000);
    await server.ticks.run('commands.expire');
    await report([{ commandId: late, state: 'running', progress: { text: `turn ${turn}` } }]);
  }
  assert.deepEqual(await report([{ commandId: late, state: 'succeeded' }]), ['recorded']);
});

test('a server that was down for days expires both in one turn', async () => {
  const [queued, running] = [await issue(60_000), await issue(60_000)];
  await report([{ commandId: running, state: 'running' }]);
  server.clock.advance(5 * DAY_MS);
  await server.ticks.run('commands.expire');
  assert.equal((await targetOf(queued)).code, 'NOT_BEGUN_IN_TIME');
  assert.equal((await targetOf(running)).code, 'NO_REPORT');
});

test('a cancelled command is not begun: the product that has it is told when it reports', async () => {
  const [delivered, running] = [await issue(), await issue()];
  await claim();
  await report([{ commandId: running, state: 'running' }]);
  for (const commandId of [delivered, running])
    await send(server, cancelCommand, { params: { commandId } }, everyone);
  assert.equal((await targetOf(delivered)).state, 'cancelled');
  assert.equal((await targetOf(running)).state, 'cancelling', 'what runs is for the product to end');
  assert.deepEqual(await report([{ commandId: delivered, state: 'accepted' }]), ['closed']);
  assert.deepEqual(await claim(), []);
});

async function announceCommands(commands: readonly string[]): Promise<void> {
  await server.database.db
    .updateTable('managed_product')
    .set({ capabilities: JSON.stringify({ capabilityVersion: 1, udp: true, commands }) })
    .where('number', '=', device.productNumber)
    .execute();
}

test('what the product does not know any more since its last handshake fails and is not handed out', async () => {
  const [delivered, waiting] = [await issue(), await issue()];
  assert.equal((await claim(product, 1)).length, 1);
  await announceCommands(['other']);
  server.clock.advance(1_000);
  assert.deepEqual(await claim(), []);
  for (const commandId of [delivered, waiting]) {
    const target = await targetOf(commandId);
    assert.deepEqual([target.state, target.code], ['failed', 'COMMAND_NO_LONGER_SUPPORTED']);
    assert.match(target.detail, /does not know it any more/);
    assert.deepEqual(target.steps.at(-1)?.state, 'failed');
    const { counts }: Command = (await send(server, getCommand, { params: { commandId } }, everyone)).json();
    assert.deepEqual([counts.failed, counts.total], [1, 1]);
  }
  assert.equal(server.app.modules.presence.areCommandsWaiting(device.productNumber), false);
  assert.deepEqual(
    await report([{ commandId: delivered, state: 'accepted' }]),
    ['closed'],
    'what it has fetched before must not be begun any more',
  );
  await announceCommands(['collect-inventory']);
  assert.deepEqual(await claim(), [], 'an end is an end');
});

test('what the product still knows is handed out although something else fails', async () => {
  const gone = await issue();
  await server.database.db
    .updateTable('command')
    .set({ type: 'gone' } as object)
    .execute();
  const kept = await issue();
  assert.deepEqual(
    (await claim(product, 1)).map((command) => command.id),
    [kept],
    'what fails takes no place',
  );
  assert.equal((await targetOf(gone)).state, 'failed');
  assert.equal(server.app.modules.presence.areCommandsWaiting(device.productNumber), true);
});

test('a result that is too large is left out and said so, and the report counts', async () => {
  const large = await issue();
  const outcomes = await report([
    { commandId: large, state: 'succeeded', result: { text: 'x'.repeat(limits.maxCommandResultBytes) } },
  ]);
  assert.deepEqual(outcomes, ['recorded']);
  const { result, detail } = await targetOf(large);
  assert.deepEqual([result, detail], [null, 'The result was too large and was left out.']);
});

test('a report that is nested deeper than the protocol allows is refused and changes nothing', async () => {
  const deep = await issue();
  let nested: Record<string, unknown> = {};
  for (let level = 0; level < limits.maxJsonDepth; level += 1) nested = { nested };
  const reports = [{ commandId: deep, state: 'succeeded', at: server.clock.now(), result: nested }];
  const answer = await server.call(
    { method: 'POST', url: mcpPath.commandReports, payload: { reports } },
    product,
  );
  assert.equal(answer.statusCode, 400, answer.body);
  assert.equal(answer.json<{ code: string }>().code, 'MESSAGE_TOO_DEEP');
  assert.equal((await targetOf(deep)).state, 'queued');
});

test('a product gets the parameters as they were given, whatever they are called', async () => {
  const parameters = { times: 3, inner: { list: [1, 'two'] } };
  await server.database.db
    .updateTable('managed_product')
    .set({ capabilities: JSON.stringify({ capabilityVersion: 2, udp: true, commands: ['x-blink'] }) })
    .where('number', '=', device.productNumber)
    .execute();
  const body = { type: 'x-blink', parameters, targets: { deviceIds: [device.id] } };
  const answer = await send(server, issueCommand, { body }, everyone);
  assert.equal(answer.statusCode, 201, answer.body);
  const [claimed] = await claim();
  assert.deepEqual(claimed?.parameters, parameters);
});

test('malformed claims and reports are refused and change nothing', async () => {
  const commandId = await issue();
  const at = server.clock.now();
  for (const [url, payload] of [
    [mcpPath.commandClaims, {}],
    [mcpPath.commandClaims, { max: 0 }],
    [mcpPath.commandClaims, { max: limits.maxCommandsPerClaim + 1 }],
    [mcpPath.commandReports, { reports: [] }],
    [mcpPath.commandReports, { reports: [{ commandId, state: 'expired', at }] }],
    [mcpPath.commandReports, { reports: [{ commandId, state: 'cancelling', at }] }],
    [mcpPath.commandReports, { reports: [{ commandId, state: 'running', at, progress: { percent: 101 } }] }],
    [
      mcpPath.commandReports,
      { reports: [{ commandId, state: 'running', at, progress: { text: 'x'.repeat(201) } }] },
    ],
    [mcpPath.commandReports, { reports: [{ commandId, state: 'succeeded', at: -1 }] }],
    [mcpPath.commandReports, { reports: [{ commandId, state: 'failed', at, code: 'not a code' }] }],
    [mcpPath.commandReports, { reports: [{ commandId, state: 'succeeded', at, deviceId: 'x' }] }],
    [mcpPath.commandReports, { reports: [{ commandId, state: 'succeeded', at, detail: 'a\0b' }] }],
    [mcpPath.commandReports, { reports: [{ commandId, state: 'succeeded', at, result: { 'a\0': 1 } }] }],
    [mcpPath.commandReports, { reports: [{ commandId, state: 'succeeded', at, result: { a: '\ud800' } }] }],
    [
      mcpPath.commandReports,
      { reports: Array.from({ length: 51 }, () => ({ commandId, state: 'succeeded', at })) },
    ],
  ] as const) {
    const answer = await server.call({ method: 'POST', url, payload }, product);
    assert.equal(answer.statusCode, 400, JSON.stringify(payload));
  }
  assert.equal((await targetOf(commandId)).state, 'queued');
});

test('the database itself refuses to take a command back', async () => {
  const commandId = await issue();
  await report([{ commandId, state: 'succeeded' }]);
  for (const state of ['queued', 'running', 'failed'] as const) {
    await assert.rejects(
      server.database.db
        .updateTable('command_target')
        .set({ state })
        .where('command_id', '=', commandId)
        .execute(),
      /never goes from succeeded/,
    );
  }
});
