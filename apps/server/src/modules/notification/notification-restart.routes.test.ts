/** Calls of products that made their handshake with the process before. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type CommunicationMode,
  getGroupCommunication,
  issueCommand,
  updateGroupCommunication,
} from '@holdfast/api';
import { systemClock } from '@holdfast/kernel';
import { callApi } from '../../testing/test-api.ts';
import { createTestClient, quietHeartbeat, type TestClient } from '../../testing/test-client.ts';
import { createTestClock } from '../../platform/clock/test-clock.ts';
import { makeTestGroup } from '../../testing/test-group.ts';
import { createTestToken } from '../../testing/test-product.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

const DAY_MS = 86_400_000;

async function until(what: string, condition: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 20_000;
  while (!condition()) {
    assert.ok(performance.now() < deadlineMs, `not in time: ${what}`);
    await delay(10);
  }
}

async function pickPort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

async function say(server: TestServer, groupId: string, own: object): Promise<void> {
  const { revision, own: before } = await callApi(server, getGroupCommunication, { params: { groupId } });
  const body = { revision, own: { ...before, ...own } };
  await callApi(server, updateGroupCommunication, { params: { groupId }, body });
  await server.ticks.run('communication.follow');
}

async function join(
  t: TestContext,
  server: TestServer,
  mode: CommunicationMode,
): Promise<TestClient & { readonly groupId: string }> {
  const groupId = await makeTestGroup(server);
  await say(server, groupId, { mode, listenerPort: mode === 'two-way-direct' ? await pickPort() : null });
  const product = await createTestClient(server, await createTestToken(server, { groupId }));
  t.after(() => product.client.close());
  assert.equal((await product.connect()).mode, mode);
  return { ...product, groupId };
}

async function order(server: TestServer, { deviceId }: TestClient): Promise<void> {
  const targets = { deviceIds: [deviceId] };
  await callApi(server, issueCommand, { body: { type: 'collect-inventory', targets } });
}

/** How often it was told that commands wait. */
function callsOf({ received }: TestClient): number {
  return received.filter(({ commandsWait }) => commandsWait).length;
}

/** Makes a way usable as a product does by itself, without a handshake. */
const makeReady: Readonly<Record<string, (product: TestClient) => Promise<unknown>>> = {
  'two-way-direct': () => Promise.resolve(),
  // The server knows the address from the heartbeat.
  'two-way-udp': async ({ client }) => await client.sendHeartbeat(quietHeartbeat),
  'two-way-held': async ({ client }) => {
    const open = Promise.withResolvers<void>();
    client.holdStream(open.resolve).catch(open.reject);
    await open.promise;
  },
};

for (const mode of ['two-way-direct', 'two-way-udp', 'two-way-held'] as const) {
  test(`${mode}: calls are taken without a new handshake after a restart of the server whose clock was set back`, async (t) => {
    const before = await startTestServer({
      isListening: true,
      clock: createTestClock(systemClock.now()),
    });
    let server = before;
    t.after(() => server.close());
    const product = await join(t, server, mode);
    await makeReady[mode]?.(product);
    await order(server, product);
    await until('the call before', () => callsOf(product) > 0);
    server = await before.restart({ clock: createTestClock(before.clock.now() - DAY_MS) });
    const seen = callsOf(product);
    await makeReady[mode]?.(product);
    await order(server, product);
    await until('the call after', () => callsOf(product) > seen);
    assert.equal((await product.client.claimCommands()).commands.length, 2);
  });
}

test('what was ordered in idle hours is told when they end, also when the server was restarted meanwhile', async (t) => {
  let server = await startTestServer({ isListening: true, clock: createTestClock(systemClock.now()) });
  t.after(() => server.close());
  const product = await join(t, server, 'two-way-direct');
  const schedule = { timeZone: 'UTC', week: Array.from({ length: 7 }, () => '0'.repeat(24)) };
  await say(server, product.groupId, { schedule });
  await order(server, product);
  server = await server.restart();
  assert.equal(callsOf(product), 0);
  await say(server, product.groupId, { schedule: null });
  await until('the call', () => callsOf(product) > 0);
  assert.equal((await product.client.claimCommands()).commands.length, 1);
});

test('a product is called by UDP over IPv6', async (t) => {
  const clock = createTestClock(systemClock.now());
  const server = await startTestServer({ isListening: true, host: '::1', clock });
  t.after(() => server.close());
  const product = await join(t, server, 'two-way-udp');
  await product.client.sendHeartbeat(quietHeartbeat);
  await order(server, product);
  await until('the call', () => product.received.length === 1);
  assert.deepEqual(product.received, [{ way: 'udp', commandsWait: true, handshakeAgain: false }]);
  assert.equal((await product.client.claimCommands()).commands.length, 1);
});
