import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, test } from 'node:test';
import {
  type BodyOf,
  cancelCommand,
  type ChangePlan,
  type Command,
  createGroup,
  getCommand,
  issueCommand,
  listAuditEntries,
  listCommands,
  listCommandTargets,
  listCommandTypes,
  moveDevices,
  planDeviceMove,
} from '@holdfast/api';
import { commandDefinitions } from '@holdfast/protocol';
import { sql } from 'kysely';
import { NEW_DEVICES_GROUP_ID, TOP_GROUP_ID } from '../directory/index.ts';
import { assertRefused, send } from '../../testing/test-browser.ts';
import type { CallerHeaders } from '../../testing/test-callers.ts';
import { type FleetDevice, forgetFleet, insertFleet } from '../../testing/test-fleet.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
let everyone: CallerHeaders;
before(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  await forgetFleet(server);
  everyone = server.actAs();
});
after(() => server.close());

const type = 'collect-inventory';

async function issue(body: Omit<BodyOf<typeof issueCommand>, 'type'>, caller = everyone): Promise<Command> {
  // Commands of one millisecond have no order.
  server.clock.advance(1);
  const answer = await send(server, issueCommand, { body: { type, ...body } }, caller);
  assert.equal(answer.statusCode, 201, answer.body);
  return answer.json();
}

function idsOf(devices: readonly FleetDevice[]): string[] {
  return devices.map((device) => device.id);
}

async function makeGroup(name: string): Promise<string> {
  const answer = await send(server, createGroup, { body: { parentId: TOP_GROUP_ID, name } }, everyone);
  assert.equal(answer.statusCode, 201, answer.body);
  return answer.json().id;
}

test('after an order for thousands the database plans with what it holds now', async () => {
  const knownRows = async (): Promise<number> => {
    const { rows } = await sql<{ rows: number }>`
      select reltuples::bigint as rows from pg_class where relname = 'command_target'`.execute(
      server.app.platform.database,
    );
    return rows[0]?.rows ?? -1;
  };
  await insertFleet(server, { count: 20 });
  await issue({ targets: { filter: {} } });
  assert.ok((await knownRows()) < 5_000);
  await insertFleet(server, { count: 5_000 });
  await issue({ targets: { filter: {} } });
  assert.ok((await knownRows()) >= 5_000);
});

test('an order that is repeated because nobody answered it is told to its products', async () => {
  const [device] = await insertFleet(server, { count: 1 });
  const idempotencyKey = randomUUID();
  const first = await issue({ targets: { filter: {} }, idempotencyKey });
  const { presence } = server.app.modules;
  const number = device?.productNumber ?? 0;
  // As after a commit whose answer was lost with its connection.
  presence.setCommandsWaiting(number, false, false);
  const again = await issue({ targets: { filter: {} }, idempotencyKey });
  assert.equal(again.id, first.id);
  assert.equal(presence.areCommandsWaiting(number), true);
});

test('the types of commands are listed, and an order with wrong parameters is refused in words', async () => {
  const answer = await send(server, listCommandTypes, {}, everyone);
  assert.deepEqual(
    answer.json().types.map((one: { type: string }) => one.type),
    commandDefinitions.map((one) => one.type),
  );
  const [device] = await insertFleet(server, { count: 1, commands: ['set-log-level'] });
  const targets = { deviceIds: idsOf([device as FleetDevice]) };
  const body = { type: 'set-log-level', parameters: { level: 'loud' }, targets };
  const refused = assertRefused(
    await send(server, issueCommand, { body }, everyone),
    422,
    'COMMAND_PARAMETERS_INVALID',
  );
  assert.match(refused.detail, /level is one of error, warn, info, debug\./u);
  const issued = await send(server, issueCommand, { body: { type: 'set-log-level', targets } }, everyone);
  assert.deepEqual(issued.json().parameters, { level: 'debug' }, 'the default of what is absent');
});

test('an order for one device waits there, names its target, and expires after a day', async () => {
  const [device] = await insertFleet(server, { count: 1 });
  const command = await issue({ targets: { deviceIds: idsOf([device as FleetDevice]) } });
  assert.deepEqual(
    { ...command, id: '' },
    {
      id: '',
      type,
      title: 'Collect inventory',
      parameters: {},
      target: 'device-1',
      issuedAt: new Date(server.clock.now()).toISOString(),
      issuedBy: 'test caller',
      expiresAt: new Date(server.clock.now() + 86_400_000).toISOString(),
      isUrgent: false,
      repeatsId: null,
      counts: {
        total: 1,
        queued: 1,
        delivered: 0,
        accepted: 0,
        running: 0,
        cancelling: 0,
        succeeded: 0,
        failed: 0,
        expired: 0,
        cancelled: 0,
      },
    },
  );
  assert.deepEqual(
    (await send(server, getCommand, { params: { commandId: command.id } }, everyone)).json(),
    command,
  );
  const { targets } = (
    await send(server, listCommandTargets, { params: { commandId: command.id }, query: {} }, everyone)
  ).json();
  assert.equal(targets.length, 1);
  assert.deepEqual(
    { ...targets[0], id: '' },
    {
      id: '',
      commandId: command.id,
      deviceId: device?.id,
      deviceName: 'device-1',
      productNumber: device?.productNumber,
      state: 'queued',
      code: null,
      detail: '',
      waitsFor: null,
      canCancel: true,
      progress: null,
      steps: [{ state: 'queued', at: command.issuedAt, detail: '' }],
      result: null,
    },
  );
});

test('an order by a filter reaches every device of the group and of its subgroups', async () => {
  const berlin = await makeGroup('Berlin');
  await insertFleet(server, { count: 3, groupId: berlin });
  await insertFleet(server, { count: 2 });
  const command = await issue({ targets: { filter: { groupId: berlin } } });
  assert.equal(command.target, 'group Berlin');
  assert.equal(command.counts.total, 3);
  assert.equal((await issue({ targets: { filter: {} } })).counts.total, 5);
});

test('whoever is disabled or does not know the command is in Command Tracking with the reason', async () => {
  await insertFleet(server, { count: 1 });
  await insertFleet(server, { count: 1, state: 'disabled' });
  await insertFleet(server, { count: 1, commands: ['other'] });
  const [mute] = await insertFleet(server, { count: 1 });
  await server.database.db
    .updateTable('managed_product')
    .set({ capabilities: '{}' })
    .where('number', '=', mute?.productNumber ?? 0)
    .execute();
  const command = await issue({ targets: { filter: {} } });
  assert.deepEqual([command.counts.total, command.counts.queued, command.counts.cancelled], [4, 1, 3]);
  const list = await send(
    server,
    listCommandTargets,
    { params: { commandId: command.id }, query: { state: 'cancelled' } },
    everyone,
  );
  const reasons = list
    .json()
    .targets.map((target: { code: string; detail: string }) => [target.code, target.detail]);
  assert.deepEqual(reasons, [
    ['PRODUCT_DISABLED', 'The product is disabled.'],
    ['COMMAND_NOT_SUPPORTED', 'The product does not know this command.'],
    ['COMMAND_NOT_SUPPORTED', 'The product does not know this command.'],
  ]);
});

test('a device that does not exist stops the whole order', async () => {
  const devices = await insertFleet(server, { count: 2 });
  const deviceIds = [...idsOf(devices), '019aa000-0000-7000-8000-000000000001'];
  assertRefused(
    await send(server, issueCommand, { body: { type, targets: { deviceIds } } }, everyone),
    404,
    'DEVICE_NOT_FOUND',
  );
  const list = await send(server, listCommands, { query: {} }, everyone);
  assert.deepEqual(list.json().commands, []);
});

test('an order for nobody, of an unknown type or with wrong parameters is refused', async () => {
  const nobody = await send(server, issueCommand, { body: { type, targets: { filter: {} } } }, everyone);
  assertRefused(nobody, 422, 'COMMAND_WITHOUT_TARGETS');
  await insertFleet(server, { count: 1 });
  const unknown = await send(
    server,
    issueCommand,
    { body: { type: 'format-disk', targets: { filter: {} } } },
    everyone,
  );
  assertRefused(unknown, 422, 'COMMAND_TYPE_UNKNOWN');
  const body = { type, parameters: { quickly: true }, targets: { filter: {} } };
  assertRefused(await send(server, issueCommand, { body }, everyone), 422, 'COMMAND_PARAMETERS_INVALID');
  const both = { type, targets: { deviceIds: [], filter: {} } } as unknown as BodyOf<typeof issueCommand>;
  assertRefused(await send(server, issueCommand, { body: both }, everyone), 400, 'REQUEST_INVALID');
});

test('the same key gives the same command, also when both requests come at once', async () => {
  await insertFleet(server, { count: 3 });
  const idempotencyKey = randomUUID();
  const commands = await Promise.all(
    Array.from({ length: 6 }, () => issue({ targets: { filter: {} }, idempotencyKey })),
  );
  assert.equal(new Set(commands.map((command) => command.id)).size, 1);
  const later = await issue({ targets: { filter: {} }, idempotencyKey });
  assert.equal(later.id, commands[0]?.id);
  const other = await issue({ targets: { filter: {} }, idempotencyKey }, server.actAs());
  assert.notEqual(other.id, later.id, 'a key belongs to who used it');
});

test('Command Tracking is listed newest first in pages, and by type, device and progress', async () => {
  const devices = await insertFleet(server, { count: 2 });
  const [first, second] = devices as [FleetDevice, FleetDevice];
  const issued: string[] = [];
  for (let index = 0; index < 5; index += 1) {
    server.clock.advance(1_000);
    const target = index % 2 === 0 ? first : second;
    issued.push((await issue({ targets: { deviceIds: [target.id] } })).id);
  }
  const list = async (query: object): Promise<{ ids: string[]; nextCursor: string | null }> => {
    const { commands, nextCursor } = (await send(server, listCommands, { query }, everyone)).json();
    return { ids: commands.map((command: Command) => command.id), nextCursor };
  };
  const newestFirst = issued.toReversed();
  const page = await list({ limit: 2 });
  assert.deepEqual(page.ids, newestFirst.slice(0, 2));
  assert.deepEqual((await list({ limit: 100, cursor: page.nextCursor })).ids, newestFirst.slice(2));
  assert.deepEqual((await list({ type: 'other' })).ids, []);
  assert.deepEqual((await list({ deviceId: second.id })).ids, [issued[3], issued[1]]);
  await send(server, cancelCommand, { params: { commandId: issued[2] ?? '' } }, everyone);
  for (const isCounted of [false, true]) {
    if (isCounted) await server.ticks.run('commands.count');
    assert.deepEqual((await list({ progress: 'finished' })).ids, [issued[2]]);
    assert.deepEqual((await list({ progress: 'in-progress' })).ids, [
      issued[4],
      issued[3],
      issued[1],
      issued[0],
    ]);
    assert.deepEqual((await list({ progress: 'with-failures' })).ids, []);
  }
});

test('the products of a command are listed in pages', async () => {
  const devices = await insertFleet(server, { count: 5 });
  const { id } = await issue({ targets: { filter: {} } });
  const numbers: number[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: 2, ...(cursor === undefined ? {} : { cursor }) };
    const page = (
      await send(server, listCommandTargets, { params: { commandId: id }, query }, everyone)
    ).json();
    numbers.push(...page.targets.map((target: { productNumber: number }) => target.productNumber));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  assert.deepEqual(
    numbers,
    devices.map((device) => device.productNumber),
  );
});

test('a cursor of another list is refused', async () => {
  await insertFleet(server, { count: 3 });
  const { id } = await issue({ targets: { filter: {} } });
  const page = (
    await send(server, listCommandTargets, { params: { commandId: id }, query: { limit: 1 } }, everyone)
  ).json();
  for (const cursor of [page.nextCursor, 'AAAA', Buffer.from("c' or 1=1").toString('base64url')]) {
    assertRefused(await send(server, listCommands, { query: { cursor } }, everyone), 400, 'CURSOR_INVALID');
  }
});

test('cancelling ends what nobody has begun, and repeating it changes nothing', async () => {
  await insertFleet(server, { count: 3 });
  const { id } = await issue({ targets: { filter: {} } });
  const params = { commandId: id };
  const cancelled: Command = (await send(server, cancelCommand, { params }, everyone)).json();
  assert.deepEqual([cancelled.counts.queued, cancelled.counts.cancelled], [0, 3]);
  const again: Command = (await send(server, cancelCommand, { params }, everyone)).json();
  assert.deepEqual(again, cancelled);
  const { entries } = (await send(server, listAuditEntries, { query: { objectId: id } }, everyone)).json();
  assert.deepEqual(
    entries.map((entry: { action: string; details: unknown }) => [entry.action, entry.details]),
    [
      ['command.cancelled', { products: 3 }],
      ['command.issued', { type, parameters: {}, products: 3, skipped: 0, isUrgent: false }],
    ],
  );
});

test('a caller with a scope orders, sees and cancels only in its groups, and counts only those', async () => {
  const berlin = await makeGroup('Berlin');
  const inBerlin = await insertFleet(server, { count: 2, groupId: berlin });
  const elsewhere = await insertFleet(server, { count: 3 });
  const limited = server.actAs({ scope: new Set([berlin]) });
  const foreign = await issue({ targets: { deviceIds: idsOf(elsewhere) } });
  const shared = await issue({ targets: { filter: {} } });
  const own = await issue({ targets: { filter: {} } }, limited);
  assert.equal(own.counts.total, 2);

  const params = { commandId: foreign.id };
  assertRefused(await send(server, getCommand, { params }, limited), 404, 'COMMAND_NOT_FOUND');
  assertRefused(
    await send(server, listCommandTargets, { params, query: {} }, limited),
    404,
    'COMMAND_NOT_FOUND',
  );
  assertRefused(await send(server, cancelCommand, { params }, limited), 404, 'COMMAND_NOT_FOUND');
  const order = { type, targets: { deviceIds: idsOf(elsewhere) } };
  assertRefused(await send(server, issueCommand, { body: order }, limited), 404, 'DEVICE_NOT_FOUND');
  const group = { type, targets: { filter: { groupId: NEW_DEVICES_GROUP_ID } } };
  assertRefused(await send(server, issueCommand, { body: group }, limited), 404, 'GROUP_NOT_FOUND');

  const { commands } = (await send(server, listCommands, { query: {} }, limited)).json();
  assert.deepEqual(
    commands.map((command: Command) => [command.id, command.counts.total]),
    [
      [own.id, 2],
      [shared.id, 2],
    ],
  );
  const byDevice = await send(server, listCommands, { query: { deviceId: elsewhere[0]?.id ?? '' } }, limited);
  assert.deepEqual(byDevice.json().commands, []);
  const visible = await send(
    server,
    listCommandTargets,
    { params: { commandId: shared.id }, query: {} },
    limited,
  );
  assert.deepEqual(
    visible
      .json()
      .targets.map((target: { deviceId: string }) => target.deviceId)
      .sort(),
    idsOf(inBerlin).sort(),
  );
  await send(server, cancelCommand, { params: { commandId: shared.id } }, limited);
  const whole: Command = (
    await send(server, getCommand, { params: { commandId: shared.id } }, everyone)
  ).json();
  assert.deepEqual([whole.counts.queued, whole.counts.cancelled], [3, 2]);
});

test('who may only read neither orders nor cancels', async () => {
  await insertFleet(server, { count: 1 });
  const { id } = await issue({ targets: { filter: {} } });
  const reader = server.actAs({ permissions: ['commands:read', 'directory:read'] });
  assert.equal((await send(server, getCommand, { params: { commandId: id } }, reader)).statusCode, 200);
  const body = { type, targets: { filter: {} } };
  assertRefused(await send(server, issueCommand, { body }, reader), 403, 'PERMISSION_DENIED');
  assertRefused(
    await send(server, cancelCommand, { params: { commandId: id } }, reader),
    403,
    'PERMISSION_DENIED',
  );
});

test('who sees some of the devices of a command learns neither how many there are nor what they were called together', async () => {
  const [berlin, paris] = [await makeGroup('Berlin'), await makeGroup('Paris')];
  await insertFleet(server, { count: 3, groupId: berlin });
  const [moving] = await insertFleet(server, { count: 41, groupId: paris });
  const as = server.actAs({ scope: new Set([berlin]) });
  const read = async (commandId: string) =>
    (await send(server, getCommand, { params: { commandId } }, as)).json<Command>();
  const toAll = await issue({ targets: { filter: {} } });
  assert.equal(toAll.target, 'all devices (44)');
  const seen = await read(toAll.id);
  assert.deepEqual([seen.target, seen.counts.total], ['3 devices', 3]);
  const toParis = await issue({ targets: { filter: { groupId: paris } } });
  const move = { deviceIds: [moving?.id ?? ''], groupId: berlin };
  const { planToken } = (await send(server, planDeviceMove, { body: move }, everyone)).json<ChangePlan>();
  const moved = await send(server, moveDevices, { body: { ...move, planToken } }, everyone);
  assert.ok(moved.statusCode < 300, moved.body);
  const { targets } = (
    await send(server, listCommandTargets, { params: { commandId: toParis.id } }, as)
  ).json<{ targets: { deviceName: string }[] }>();
  assert.equal(targets.length, 1);
  assert.equal((await read(toParis.id)).target, targets[0]?.deviceName);
  const { commands } = (await send(server, listCommands, {}, as)).json<{ commands: Command[] }>();
  assert.deepEqual(
    commands.map(({ target }) => target),
    [targets[0]?.deviceName, '4 devices'],
  );
});
