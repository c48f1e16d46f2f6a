/** What is written down of the things that happen, each with its own change: nothing too much, nothing twice. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import {
  admitRegistration,
  cancelCommand,
  changeDeviceTags,
  changeRole,
  createEnrolmentToken,
  createGroup,
  createRole,
  deleteRole,
  getCurrentSession,
  getSettings,
  giveGrant,
  issueCommand,
  listDevices,
  listWaitingRegistrations,
  moveDevices,
  planDeviceMove,
  planGroupMove,
  purgeRecycled,
  removeDevice,
  renameDevice,
  renameGroup,
  moveGroup,
  restoreRecycled,
  revokeEnrolmentToken,
  setProductState,
  takeGrant,
  updateCommunicationSettings,
  updateGroupCommunication,
} from '@holdfast/api';
import { mcpPath } from '@holdfast/protocol';
import { sql } from 'kysely';
import { inTransaction, type Transaction } from '../../platform/database/index.ts';
import { signInFirstAdministrator, signInInvited } from '../../testing/test-administrators.ts';
import { callApi, refusalOf } from '../../testing/test-api.ts';
import { insertFleet } from '../../testing/test-fleet.ts';
import { createEntries, createJournal, uploadLogs } from '../../testing/test-logs.ts';
import { createTestToken, TestProduct } from '../../testing/test-product.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { TOP_GROUP_ID } from '../directory/index.ts';

const MINUTE = 60_000;

interface Recorded {
  readonly type: string;
  readonly objectId: string;
  readonly groupIds: readonly string[] | null;
  readonly data: Record<string, unknown>;
}

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});
afterEach(() => server.close());

/** What was written since the last time, in the order of writing. */
async function take(): Promise<Recorded[]> {
  const { rows } = await sql<Recorded & { seq: number }>`
    with gone as (delete from domain_event returning *)
    select type, object_id as "objectId", group_ids::text[] as "groupIds", data from gone order by seq`.execute(
    server.database.db,
  );
  return rows;
}

async function takeTypes(): Promise<string[]> {
  return (await take()).map((event) => event.type);
}

async function makeGroup(name: string): Promise<string> {
  return (await callApi(server, createGroup, { body: { parentId: TOP_GROUP_ID, name } })).id;
}

async function obey(productNumber: number, path: string, payload: object): Promise<void> {
  const answer = await server.call(
    { method: 'POST', url: path, payload },
    server.actAsProduct(productNumber),
  );
  assert.equal(answer.statusCode, 200, answer.body);
}

async function run(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 250) {
    server.clock.advance(Math.min(250, left));
    await server.ticks.run('presence.turn');
  }
}

test('a device: it comes, gets another name and place, is removed, comes back, goes for good', async () => {
  const [berlin, paris] = [await makeGroup('Berlin'), await makeGroup('Paris')];
  const token = await createTestToken(server, { groupId: berlin });
  await take();
  const product = await new TestProduct(server, { name: 'desk-1' }).join(token);
  const deviceId = product.registered?.deviceId ?? '';
  const joined = await take();
  assert.deepEqual(
    joined.map((event) => [event.type, event.objectId, event.groupIds]),
    [
      ['device.created', deviceId, [TOP_GROUP_ID, berlin]],
      ['product.registered', String(product.productNumber), [TOP_GROUP_ID, berlin]],
    ],
  );
  await new TestProduct(server, { name: 'desk-1', key: product.key }).register(token);
  assert.deepEqual(await takeTypes(), [], 'it comes back to its record, and nothing is new');

  await callApi(server, renameDevice, { params: { deviceId }, body: { name: 'Desk 1' } });
  const body = { deviceIds: [deviceId], groupId: paris };
  const { planToken } = await callApi(server, planDeviceMove, { body });
  await callApi(server, moveDevices, { body: { ...body, planToken } });
  const [renamed, moved] = await take();
  assert.deepEqual(renamed?.data, { from: 'desk-1', to: 'Desk 1' });
  assert.deepEqual(
    [moved?.type, moved?.data, moved?.groupIds],
    ['device.moved', { name: 'Desk 1', from: ['Berlin'], to: ['Paris'] }, [TOP_GROUP_ID, berlin, paris]],
  );
  assert.equal(
    await refusalOf(server, moveDevices, { body: { ...body, planToken: 'stale' } }),
    'DIRECTORY_CHANGED',
  );
  assert.deepEqual(await takeTypes(), [], 'what is refused has not happened');

  const removed = await callApi(server, removeDevice, { params: { deviceId } });
  await callApi(server, restoreRecycled, { params: { itemId: removed.id } });
  const again = await callApi(server, removeDevice, { params: { deviceId } });
  await callApi(server, purgeRecycled, { params: { itemId: again.id } });
  assert.deepEqual(await takeTypes(), [
    'device.removed',
    'device.restored',
    'device.removed',
    'device.purged',
  ]);
});

test('a group: its names and places', async () => {
  await take();
  const [berlin, paris] = [await makeGroup('Berlin'), await makeGroup('Paris')];
  const params = { groupId: berlin };
  const renamed = await callApi(server, renameGroup, { params, body: { name: 'Berlin 2', revision: 1 } });
  const { planToken } = await callApi(server, planGroupMove, { params, body: { parentId: paris } });
  await callApi(server, moveGroup, { params, body: { parentId: paris, planToken } });
  assert.equal(renamed.name, 'Berlin 2');
  const events = await take();
  assert.deepEqual(
    events.map((event) => event.type),
    ['group.created', 'group.created', 'group.renamed', 'group.moved'],
  );
  assert.deepEqual(events.at(-1)?.data, {
    name: 'Berlin 2',
    from: ['Berlin 2'],
    to: ['Paris', 'Berlin 2'],
    deviceCount: 0,
  });
});

test('a product is disabled and enabled, once each however often that is asked for', async () => {
  const [device] = await insertFleet(server, { count: 1 });
  const params = { productNumber: device?.productNumber ?? 0 };
  await take();
  for (const state of ['disabled', 'disabled', 'active', 'active'] as const)
    await callApi(server, setProductState, { params, body: { state } });
  assert.deepEqual(await takeTypes(), ['product.disabled', 'product.enabled']);
});

test('who is on the waiting list, and what becomes of it', async () => {
  const token = await createTestToken(server, { isApprovalNeeded: true });
  await take();
  const product = new TestProduct(server, { name: 'new-1' });
  await product.register(token);
  await product.register(token);
  assert.deepEqual(await takeTypes(), ['registration.waiting'], 'asking again is no news');
  const { registrations } = await callApi(server, listWaitingRegistrations);
  const params = { registrationId: registrations[0]?.id ?? '' };
  await callApi(server, admitRegistration, { params, body: {} });
  assert.deepEqual(await takeTypes(), ['device.created', 'product.registered', 'registration.admitted']);
});

test('a command ends at a product once, whatever the end and however often it is reported', async () => {
  const [one, two, three] = await insertFleet(server, { count: 3 });
  assert.ok(one !== undefined && two !== undefined && three !== undefined);
  const fleet = [one, two, three];
  const issue = async (expiresInMs = 3_600_000) =>
    await callApi(server, issueCommand, {
      body: {
        type: 'collect-inventory',
        targets: { deviceIds: fleet.map((device) => device.id) },
        expiresInMs,
      },
    });
  await take();
  const command = await issue();
  const [issued] = await take();
  assert.deepEqual(
    [issued?.type, issued?.objectId, issued?.data['products']],
    ['command.issued', command.id, 3],
  );
  await obey(one.productNumber, mcpPath.commandClaims, { max: 5 });
  const at = server.clock.now();
  for (const state of ['accepted', 'running', 'succeeded', 'succeeded'] as const)
    await obey(one.productNumber, mcpPath.commandReports, {
      reports: [{ commandId: command.id, state, at }],
    });
  const [ended, ...others] = await take();
  assert.deepEqual(others, []);
  assert.equal(ended?.type, 'command-target.ended');
  assert.equal(ended.objectId, `${command.id}.${one.productNumber}`);
  assert.deepEqual(
    [ended.data['productNumber'], ended.data['deviceId'], ended.data['state'], ended.data['commandId']],
    [one.productNumber, one.id, 'succeeded', command.id],
  );

  await callApi(server, cancelCommand, { params: { commandId: command.id } });
  const cancelled = await take();
  assert.deepEqual(
    cancelled.map((event) => event.type),
    ['command.cancelled', 'command-target.ended', 'command-target.ended'],
    'the cause comes before what came of it',
  );
  assert.deepEqual(
    cancelled.slice(1).map((event) => [event.data['productNumber'], event.data['state']]),
    [
      [two.productNumber, 'cancelled'],
      [three.productNumber, 'cancelled'],
    ],
  );

  await issue(60_000);
  await take();
  server.clock.advance(61_000);
  await server.ticks.run('commands.expire');
  await server.ticks.run('commands.expire');
  assert.deepEqual(
    (await take()).map((event) => [event.type, event.data['state'], event.data['code']]),
    fleet.map(() => ['command-target.ended', 'expired', 'NOT_BEGUN_IN_TIME']),
  );

  await issue();
  await take();
  await sql`update managed_product set capabilities = '{"commands":[]}' where number = ${one.productNumber}`.execute(
    server.database.db,
  );
  for (let call = 0; call < 2; call += 1) await obey(one.productNumber, mcpPath.commandClaims, { max: 5 });
  assert.deepEqual(
    (await take()).map((event) => [event.data['state'], event.data['code'], event.data['deviceId']]),
    [['failed', 'COMMAND_NO_LONGER_SUPPORTED', one.id]],
  );
});

test('log entries are told from warning on, a batch at a time, and once when it comes twice', async () => {
  const [device] = await insertFleet(server, { count: 1 });
  const productNumber = device?.productNumber ?? 0;
  const journal = createJournal();
  await take();
  await uploadLogs(server, productNumber, journal, createEntries(1, 20));
  assert.deepEqual(await takeTypes(), []);
  const batch = [
    ...createEntries(21, 12, { severity: 'warning', type: 'disk-nearly-full' }),
    ...createEntries(33, 1, { severity: 'critical', type: 'disk-failed' }),
    ...createEntries(34, 5),
  ];
  for (let time = 0; time < 2; time += 1) await uploadLogs(server, productNumber, journal, batch);
  const [told, ...others] = await take();
  assert.deepEqual(others, []);
  assert.deepEqual(
    [told?.type, told?.data['highestSeverity'], told?.data['counts'], told?.data['deviceId']],
    ['log-entries.received', 'critical', { warning: 12, error: 0, critical: 1 }, device?.id],
  );
  const entries = told?.data['entries'] as readonly { readonly type: string }[];
  assert.equal(entries.length, 10);
  assert.equal(entries[0]?.type, 'disk-failed');
});

test('presence: coming and going is told, a late heartbeat and a restart are not', async () => {
  const { revision } = await callApi(server, getSettings);
  const communication = { heartbeatIntervalMs: MINUTE, offlineTimeoutMs: 3 * MINUTE };
  await callApi(server, updateCommunicationSettings, { body: { revision, communication } });
  const product = await new TestProduct(server).join(await createTestToken(server));
  await server.ticks.run('presence.save');
  const changes = async () =>
    (await take())
      .filter((event) => event.type === 'presence.changed')
      .map((event) => [event.objectId, event.data['from'], event.data['to']]);
  const number = String(product.productNumber);
  assert.deepEqual(await changes(), [[number, 'offline', 'online']]);
  await run(2.5 * MINUTE);
  await server.ticks.run('presence.save');
  const { devices } = await callApi(server, listDevices, { query: {} });
  assert.equal(devices[0]?.presence.status, 'timed-out');
  await product.heartbeat();
  await server.ticks.run('presence.save');
  assert.deepEqual(await changes(), [], 'it was only late');
  for (let minute = 0; minute < 4; minute += 1) {
    await run(MINUTE);
    await server.ticks.run('presence.save');
  }
  assert.deepEqual(await changes(), [[number, 'online', 'offline']]);
  server = await server.restart();
  await server.ticks.run('presence.save');
  assert.deepEqual(await changes(), []);
});

test('a fleet that goes offline at once is told with one statement for thousands', async () => {
  const fleet = await insertFleet(server, { count: 6_000 });
  for (const { productNumber } of fleet) server.app.modules.presence.beginEpoch(productNumber, 1);
  await sql`
    create table inserted (at text);
    create function note_inserted() returns trigger language plpgsql as $$
      begin insert into inserted values (now()); return null; end $$;
    create trigger note_inserted after insert on domain_event for each statement execute function note_inserted();
  `.execute(server.database.db);
  await take();
  await server.ticks.run('presence.save');
  assert.equal((await take()).length, 6_000);
  const { rows } = await sql`select 1 from inserted`.execute(server.database.db);
  assert.equal(rows.length, 2);
});

test('administrators, tokens and settings', async () => {
  await take();
  const alice = await signInFirstAdministrator(server, 'alice');
  await signInInvited(server, alice, 'bob');
  const { token } = await alice.call(createEnrolmentToken, {
    body: { name: 'x', groupId: TOP_GROUP_ID, maxUses: 1, expiresInMs: 60_000, isApprovalNeeded: false },
  });
  await alice.call(revokeEnrolmentToken, { params: { tokenId: token.id } });
  await alice.call(revokeEnrolmentToken, { params: { tokenId: token.id } });
  const communication = { heartbeatIntervalMs: MINUTE, offlineTimeoutMs: 3 * MINUTE };
  await alice.call(updateCommunicationSettings, { body: { revision: 1, communication } });
  const events = await take();
  assert.deepEqual(
    events.map((event) => event.type),
    [
      'administrator.created',
      'administrator.invited',
      'administrator.joined',
      'enrolment-token.created',
      'enrolment-token.revoked',
      'settings.changed',
    ],
  );
  assert.ok(!JSON.stringify(events).includes('secret'));
});

test('roles that are given, changed and taken are told, those of a role that is deleted one by one', async () => {
  const first = await signInFirstAdministrator(server, 'alice');
  const bob = await signInInvited(server, first, 'bob', 'auditor');
  const administratorId = (await bob.call(getCurrentSession)).id;
  const berlin = await makeGroup('Berlin');
  await take();
  const parts = { name: 'Desk', description: '', permissions: ['directory:read' as const] };
  const { id: roleId } = await first.call(createRole, { body: parts });
  const body = { roleId, groupId: berlin };
  const params = { administratorId };
  const given = await first.call(giveGrant, { params, body });
  await first.call(giveGrant, { params, body });
  await first.call(giveGrant, { params, body: { roleId, groupId: null } });
  const permissions = ['directory:read' as const, 'commands:read' as const];
  await first.call(changeRole, { params: { roleId }, body: { ...parts, permissions, revision: 1 } });
  const grant = given.grants.find((one) => one.roleId === roleId);
  await first.call(takeGrant, { params: { administratorId, grantId: grant?.id ?? '' } });
  await first.call(deleteRole, { params: { roleId } });
  const events = await take();
  const here = { name: 'bob', role: 'Desk', group: ['Berlin'] };
  assert.deepEqual(
    events.map(({ type, objectId, data }) => [type, objectId, data]),
    [
      ['role.created', roleId, { name: 'Desk', permissions: ['directory:read'] }],
      ['grant.given', administratorId, here],
      ['grant.given', administratorId, { ...here, group: null }],
      ['role.changed', roleId, { name: 'Desk', permissions: [...permissions] }],
      ['grant.taken', administratorId, here],
      ['grant.taken', administratorId, { ...here, group: null }],
      ['role.deleted', roleId, { name: 'Desk' }],
    ],
  );
});

/** Begins `work` while somebody else holds what `hold` locks; lets go when the work waits, or has ended without waiting. */
async function meet(
  hold: (transaction: Transaction) => Promise<unknown>,
  work: () => Promise<unknown>,
): Promise<boolean> {
  let isOver = false;
  let hasWaited = false;
  let begun: Promise<unknown> = Promise.resolve();
  await inTransaction(server.database.db, async (transaction) => {
    await hold(transaction);
    begun = work().finally(() => {
      isOver = true;
    });
    while (!isOver && !hasWaited) {
      const { rows } = await sql`
        select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
        server.database.db,
      );
      hasWaited = rows.length > 0;
    }
  });
  await begun;
  return hasWaited;
}

test('what happens to an object waits for what is happening to it, and is told with the place where it is then', async () => {
  const [berlin, paris] = [await makeGroup('Berlin'), await makeGroup('Paris')];
  const [device] = await insertFleet(server, { count: 1, groupId: berlin });
  const deviceId = device?.id ?? '';
  const body = { targets: { deviceIds: [deviceId] }, add: ['blue'], remove: [] };
  await callApi(server, changeDeviceTags, { body });
  const command = await callApi(server, issueCommand, {
    body: { type: 'collect-inventory', targets: { deviceIds: [deviceId] }, expiresInMs: 3_600_000 },
  });
  await take();
  const move = async (transaction: Transaction) =>
    await sql`
      with held as (select id from device where id = ${deviceId} for update)
      update device set group_id = ${paris} where id in (select id from held)`.execute(transaction);
  const untag = { ...body, add: [], remove: ['blue'] };
  assert.ok(await meet(move, () => callApi(server, changeDeviceTags, { body: untag })), 'the device');
  const [untagged] = await take();
  assert.deepEqual([untagged?.type, untagged?.groupIds], ['device.tags-changed', [TOP_GROUP_ID, paris]]);
  const cancel = () => callApi(server, cancelCommand, { params: { commandId: command.id } });
  assert.ok(
    await meet(
      (transaction) => sql`select 1 from command where id = ${command.id} for update`.execute(transaction),
      cancel,
    ),
    'the command',
  );
  const own = {
    heartbeatIntervalMs: null,
    offlineTimeoutMs: null,
    schedule: null,
    mode: null,
    transport: null,
    listenerPort: 0,
  };
  const change = () =>
    callApi(server, updateGroupCommunication, { params: { groupId: berlin }, body: { revision: 0, own } });
  const { directory } = server.app.modules;
  assert.ok(await meet((transaction) => directory.holdGroups(transaction), change), 'the tree of groups');
  assert.deepEqual(
    (await takeTypes()).filter((type) => type !== 'command-target.ended'),
    ['command.cancelled', 'group.settings-changed'],
  );
});
