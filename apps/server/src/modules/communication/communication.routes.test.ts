import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import {
  createGroup,
  getGroupCommunication,
  type Group,
  listAuditEntries,
  moveGroup,
  type OwnCommunication,
  planGroupMove,
  updateGroupCommunication,
} from '@holdfast/api';
import { callApi, refusalOf } from '../../testing/test-api.ts';
import { createTestToken, TestProduct } from '../../testing/test-product.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { TOP_GROUP_ID } from '../directory/index.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  await server.database.db.deleteFrom('group_communication').execute();
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

async function say(groupId: string, own: Partial<OwnCommunication>, revision = 0) {
  const changed = await callApi(server, updateGroupCommunication, {
    params: { groupId },
    body: { revision, own: { ...nothing, ...own } },
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
