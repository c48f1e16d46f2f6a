import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import {
  type CommunicationValueName,
  createGroup,
  getGroupCommunication,
  type Group,
  listAuditEntries,
  moveGroup,
  type OwnCommunication,
  planGroupMove,
  updateGroupCommunication,
} from '@holdfast/api';
import { sql } from 'kysely';
import { callApi, refusalOf } from '../../testing/test-api.ts';
import { createTestToken, TestProduct } from '../../testing/test-product.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { TOP_GROUP_ID } from '../directory/index.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  await server.database.db.deleteFrom('group_setting').execute();
  await server.ticks.run('communication.look');
  await server.ticks.run('communication.follow');
});
after(() => server.close());

const nothing: OwnCommunication = {
  heartbeatIntervalMs: null,
  offlineTimeoutMs: null,
  schedule: null,
  mode: null,
  transport: null,
  listenerPort: null,
};
/** Idle at all times. */
const neverWorking = { timeZone: 'UTC', week: Array.from({ length: 7 }, () => '0'.repeat(24)) };

let made = 0;
async function make(parentId: string = TOP_GROUP_ID): Promise<Group> {
  made += 1;
  return await callApi(server, createGroup, { body: { parentId, name: `Group ${made}` } });
}

async function say(
  groupId: string,
  own: Partial<OwnCommunication>,
  revision = 0,
  locked?: CommunicationValueName[],
) {
  const changed = await callApi(server, updateGroupCommunication, {
    params: { groupId },
    body: { revision, own: { ...nothing, ...own }, ...(locked === undefined ? {} : { locked }) },
  });
  await server.ticks.run('communication.follow');
  return changed;
}

async function answerTo(product: TestProduct) {
  const answer = product.datagramKey.verify(new Uint8Array((await product.heartbeat()).rawPayload));
  assert.ok(answer.type === 'heartbeat-acknowledgement');
  return answer;
}

test('a group says something, the groups below inherit it, and both tell where it comes from', async () => {
  const berlin = await make();
  const lab = await make(berlin.id);
  const changed = await say(berlin.id, { heartbeatIntervalMs: 30_000, offlineTimeoutMs: 120_000 });
  assert.deepEqual([changed.revision, changed.own.heartbeatIntervalMs], [1, 30_000]);
  const below = await callApi(server, getGroupCommunication, { params: { groupId: lab.id } });
  assert.deepEqual(below.own, nothing);
  assert.equal(below.revision, 0);
  assert.equal(below.effective.heartbeatIntervalMs, 30_000);
  assert.deepEqual(below.origins.heartbeatIntervalMs, { groupId: berlin.id, groupName: berlin.name });
  assert.equal(below.origins.schedule, null);
  const { entries } = await callApi(server, listAuditEntries, { query: { action: 'communication.changed' } });
  assert.equal(entries[0]?.objectId, berlin.id);
  assert.deepEqual(entries[0]?.details, {
    before: nothing,
    after: { ...nothing, heartbeatIntervalMs: 30_000, offlineTimeoutMs: 120_000 },
  });
});

test('products get the interval of their group with the handshake and with their next answer', async () => {
  const group = await make();
  await say(group.id, { heartbeatIntervalMs: 5_000, offlineTimeoutMs: 15_000 });
  const product = await new TestProduct(server).join(await createTestToken(server, { groupId: group.id }));
  assert.equal(product.handshake?.heartbeat.intervalMs, 5_000);
  assert.equal((await answerTo(product)).nextIntervalMs, 5_000);
  await say(group.id, { heartbeatIntervalMs: 7_000, offlineTimeoutMs: 21_000 }, 1);
  assert.equal((await answerTo(product)).nextIntervalMs, 7_000);
  assert.equal((await answerTo(product)).idle, false);
});

test('a product that moves with its group goes by its new place', async () => {
  const from = await make();
  const to = await make();
  await say(to.id, { schedule: neverWorking });
  const product = await new TestProduct(server).join(await createTestToken(server, { groupId: from.id }));
  assert.equal((await answerTo(product)).idle, false);
  const params = { groupId: from.id };
  const { planToken } = await callApi(server, planGroupMove, { params, body: { parentId: to.id } });
  await callApi(server, moveGroup, { params, body: { parentId: to.id, planToken } });
  await server.ticks.run('communication.follow');
  const answer = await answerTo(product);
  assert.equal(answer.idle, true);
  assert.equal(answer.nextIntervalMs, 900_000);
  assert.equal(server.app.modules.presence.currentPresence(product.productNumber).status, 'idle');
});

test('a listener and HTTPS alone are told with the handshake', async () => {
  const group = await make();
  await say(group.id, { listenerPort: 9_443, transport: 'https' });
  const product = await new TestProduct(server).join(await createTestToken(server, { groupId: group.id }));
  assert.equal(product.handshake?.listenerPort, 9_443);
  assert.equal(product.handshake?.heartbeat.udp, null);
});

test('a timeout below three intervals is refused, also where only a group below would have it, and nothing changes', async () => {
  const berlin = await make();
  const lab = await make(berlin.id);
  await say(lab.id, { offlineTimeoutMs: 90_000 });
  const change = (groupId: string, own: Partial<OwnCommunication>, revision: number) => ({
    params: { groupId },
    body: { revision, own: { ...nothing, ...own } },
  });
  assert.equal(
    await refusalOf(server, updateGroupCommunication, change(lab.id, { offlineTimeoutMs: 59_999 }, 1)),
    'COMMUNICATION_TIMEOUT_TOO_SHORT',
  );
  const above = change(berlin.id, { heartbeatIntervalMs: 31_000, offlineTimeoutMs: 200_000 }, 0);
  assert.equal(await refusalOf(server, updateGroupCommunication, above), 'COMMUNICATION_TIMEOUT_TOO_SHORT');
  const left = await callApi(server, getGroupCommunication, { params: { groupId: berlin.id } });
  assert.equal(left.revision, 0);
});

test('a change of values that somebody else has changed is refused', async () => {
  const group = await make();
  await say(group.id, { mode: 'one-way' });
  for (const revision of [0, 2]) {
    const input = { params: { groupId: group.id }, body: { revision, own: nothing } };
    assert.equal(await refusalOf(server, updateGroupCommunication, input), 'COMMUNICATION_CHANGED');
  }
});

test('a time zone that nobody knows is refused', async () => {
  const group = await make();
  const schedule = { ...neverWorking, timeZone: 'Mars/Olympus' };
  const input = { params: { groupId: group.id }, body: { revision: 0, own: { ...nothing, schedule } } };
  assert.equal(await refusalOf(server, updateGroupCommunication, input), 'TIME_ZONE_UNKNOWN');
});

test('the hours are told as they are now', async () => {
  const group = await make();
  await say(group.id, { schedule: neverWorking });
  const { isIdle, nextChangeAt } = await callApi(server, getGroupCommunication, {
    params: { groupId: group.id },
  });
  assert.deepEqual([isIdle, nextChangeAt], [true, null]);
});

test('a value that a group locks holds for all below, who see by whom, and keep what they said for later', async () => {
  const berlin = await make();
  const lab = await make(berlin.id);
  const desk = await make(lab.id);
  const product = await new TestProduct(server).join(await createTestToken(server, { groupId: desk.id }));
  await say(lab.id, { heartbeatIntervalMs: 5_000, offlineTimeoutMs: 30_000 });
  assert.equal((await answerTo(product)).nextIntervalMs, 5_000);

  const values = { heartbeatIntervalMs: 10_000, offlineTimeoutMs: 60_000 };
  const locked = await say(berlin.id, values, 0, ['heartbeatIntervalMs', 'offlineTimeoutMs']);
  assert.deepEqual(locked.locked, ['heartbeatIntervalMs', 'offlineTimeoutMs']);
  assert.equal(locked.lockedBy.heartbeatIntervalMs, null);
  assert.equal((await answerTo(product)).nextIntervalMs, 10_000);
  const below = await callApi(server, getGroupCommunication, { params: { groupId: lab.id } });
  assert.deepEqual(below.lockedBy.heartbeatIntervalMs, {
    group: { groupId: berlin.id, groupName: berlin.name },
  });
  assert.equal(below.lockedBy.mode, null);
  assert.equal(below.own.heartbeatIntervalMs, 5_000);
  assert.equal(below.effective.heartbeatIntervalMs, 10_000);
  const { entries } = await callApi(server, listAuditEntries, { query: { action: 'communication.changed' } });
  assert.deepEqual(entries[0]?.details['lockedAfter'], ['heartbeatIntervalMs', 'offlineTimeoutMs']);

  // What is not named stays locked as long as it is said.
  const kept = await say(berlin.id, { ...values, offlineTimeoutMs: null }, 1);
  assert.deepEqual(kept.locked, ['heartbeatIntervalMs']);
  await say(berlin.id, values, 2, []);
  assert.equal((await answerTo(product)).nextIntervalMs, 5_000);
});

test('nothing new is said of a value that is locked above, while the rest may change and the old be dropped', async () => {
  const berlin = await make();
  const lab = await make(berlin.id);
  await say(lab.id, { mode: 'one-way', transport: 'https' });
  await say(berlin.id, { mode: 'automatic' }, 0, ['mode']);
  const refused = async (own: Partial<OwnCommunication>, locked?: CommunicationValueName[]) =>
    await refusalOf(server, updateGroupCommunication, {
      params: { groupId: lab.id },
      body: { revision: 1, own: { ...nothing, ...own }, ...(locked === undefined ? {} : { locked }) },
    });
  assert.equal(await refused({ mode: 'two-way-udp' }), 'GROUP_SETTING_LOCKED');
  assert.equal(await refused({ mode: 'one-way' }, ['mode']), 'GROUP_SETTING_LOCKED');
  const untouched = await callApi(server, getGroupCommunication, { params: { groupId: lab.id } });
  assert.deepEqual([untouched.revision, untouched.own.mode], [1, 'one-way']);
  const changed = await say(lab.id, { mode: 'one-way', transport: 'automatic' }, 1);
  assert.deepEqual([changed.own.mode, changed.effective.mode], ['one-way', 'automatic']);
  assert.equal((await say(lab.id, {}, 2)).own.mode, null);
  assert.equal(
    await refusalOf(server, updateGroupCommunication, {
      params: { groupId: lab.id },
      body: { revision: 3, own: { ...nothing, mode: 'one-way' } },
    }),
    'GROUP_SETTING_LOCKED',
  );
});

test('only what a group says itself can be locked', async () => {
  const group = await make();
  assert.equal(
    await refusalOf(server, updateGroupCommunication, {
      params: { groupId: group.id },
      body: { revision: 0, own: nothing, locked: ['schedule'] },
    }),
    'GROUP_SETTING_LOCK_EMPTY',
  );
});

test('a lock from outside the scope has an effect and no name', async () => {
  const berlin = await make();
  const lab = await make(berlin.id);
  await say(berlin.id, { mode: 'one-way' }, 0, ['mode']);
  const seen = await callApi(server, getGroupCommunication, {
    params: { groupId: lab.id },
    as: server.actAs({ permissions: ['directory:read'], scope: new Set([lab.id]) }),
  });
  assert.deepEqual(
    [seen.lockedBy.mode, seen.origins.mode, seen.effective.mode],
    [{ group: null }, null, 'one-way'],
  );
});

test('what a later release says of a group stays, where this one changes something', async () => {
  const group = await make();
  await say(group.id, { mode: 'one-way' });
  await sql`update group_setting set value = value || '{"speed":9,"schedule":{"timeZone":"UTC","months":[]}}', locked = '{speed,mode}'
    where group_id = ${group.id}`.execute(server.database.db);
  const seen = await callApi(server, getGroupCommunication, { params: { groupId: group.id } });
  assert.deepEqual([seen.own.schedule, seen.effective.schedule, seen.locked], [null, null, ['mode']]);
  await say(group.id, { mode: 'automatic' }, 1, []);
  const { rows } = await sql`select value, locked from group_setting where group_id = ${group.id}`.execute(
    server.database.db,
  );
  assert.deepEqual(rows, [{ value: { mode: 'automatic', speed: 9 }, locked: ['speed'] }]);
});

test('the release before this one finds what is said where it looks, and what it says is found here', async () => {
  const group = await make();
  const schedule = neverWorking;
  await say(
    group.id,
    { heartbeatIntervalMs: 30_000, offlineTimeoutMs: 90_000, schedule, listenerPort: 0 },
    0,
    ['schedule', 'heartbeatIntervalMs'],
  );
  const former =
    await sql`select revision, heartbeat_interval_ms, offline_timeout_ms, schedule, mode, transport,
    listener_port from group_communication where group_id = ${group.id}`.execute(server.database.db);
  assert.deepEqual(former.rows, [
    {
      revision: 1,
      heartbeat_interval_ms: 30_000,
      offline_timeout_ms: 90_000,
      schedule,
      mode: null,
      transport: null,
      listener_port: 0,
    },
  ]);
  await sql`update group_communication set revision = 2, schedule = null, mode = 'one-way', changed_at = now()
    where group_id = ${group.id} and revision = 1`.execute(server.database.db);
  const seen = await callApi(server, getGroupCommunication, { params: { groupId: group.id } });
  assert.deepEqual(
    [seen.revision, seen.own.schedule, seen.own.mode, seen.locked],
    [2, null, 'one-way', ['heartbeatIntervalMs']],
  );
});
