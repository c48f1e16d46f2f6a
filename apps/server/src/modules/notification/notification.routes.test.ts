import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { after, before, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import {
  cancelCommand,
  type CommunicationMode,
  getDevice,
  getGroupCommunication,
  issueCommand,
  updateGroupCommunication,
} from '@holdfast/api';
import { hasCode, systemClock } from '@holdfast/kernel';
import { limits, mcpPath } from '@holdfast/protocol';
import { callApi } from '../../testing/test-api.ts';
import { createTestClient, quietHeartbeat, type TestClient } from '../../testing/test-client.ts';
import { createTestClock } from '../../platform/clock/test-clock.ts';
import { makeTestGroup } from '../../testing/test-group.ts';
import { createTestToken } from '../../testing/test-product.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer({
    isListening: true,
    clock: createTestClock(systemClock.now()),
    moduleOptions: { heldStreamLimit: 2 },
  });
});
after(() => server.close());

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + 20_000;
  while (!(await condition())) {
    assert.ok(performance.now() < deadlineMs, `not in time: ${what}`);
    await delay(10);
  }
}

async function say(groupId: string, own: object): Promise<void> {
  const { revision, own: before } = await callApi(server, getGroupCommunication, { params: { groupId } });
  await callApi(server, updateGroupCommunication, {
    params: { groupId },
    body: { revision, own: { ...before, ...own } },
  });
  await server.ticks.run('communication.follow');
}

/** A port that nobody has, at least just now. */
async function pickPort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

interface Setting {
  readonly mode?: CommunicationMode | 'automatic';
  readonly transport?: 'automatic' | 'https';
  readonly listenerPort?: number;
  readonly udp?: boolean;
}

/** A product in a group of its own, whose administrator has said this. */
async function join(
  t: TestContext,
  { udp, ...own }: Setting,
  handling: Parameters<typeof createTestClient>[2] = {},
): Promise<TestClient & { readonly groupId: string }> {
  const groupId = await makeTestGroup(server);
  await say(groupId, own);
  const options = udp === undefined ? handling : { ...handling, udp };
  const product = await createTestClient(server, await createTestToken(server, { groupId }), options);
  t.after(() => product.client.close());
  return { ...product, groupId };
}

async function order({ deviceId }: TestClient): Promise<string> {
  const { id } = await callApi(server, issueCommand, {
    body: { type: 'collect-inventory', targets: { deviceIds: [deviceId] } },
  });
  return id;
}

async function communicationOf({ deviceId }: TestClient) {
  const { products } = await callApi(server, getDevice, { params: { deviceId } });
  const [product] = products;
  assert.ok(product);
  return { ...product.communication, presence: product.presence };
}

/** Keeps a stream open; resolves when the server has it. */
async function hold(product: TestClient): Promise<{ readonly ended: Promise<unknown> }> {
  const open = Promise.withResolvers<void>();
  const ended = product.client.holdStream(open.resolve).then(
    () => 'ended',
    (error: unknown) => {
      open.reject(error);
      return error;
    },
  );
  await open.promise;
  return { ended };
}

test('direct: a command reaches a product through its listener, and its answer is a sign of life', async (t) => {
  const product = await join(t, { listenerPort: await pickPort() });
  const settled = await product.connect();
  assert.deepEqual([settled.mode, settled.modeReason], ['two-way-direct', 'listener-answered']);
  const id = await order(product);
  await until('the call', () => product.received.some(({ commandsWait }) => commandsWait));
  assert.deepEqual(product.received.at(-1), { way: 'direct', commandsWait: true, handshakeAgain: false });
  assert.deepEqual(
    (await product.client.claimCommands()).commands.map((command) => command.id),
    [id],
  );
  await until('the outcome', async () => (await communicationOf(product)).lastNotification !== null);
  const { lastNotification, mode, presence } = await communicationOf(product);
  assert.equal(mode, 'two-way-direct');
  assert.deepEqual([lastNotification?.way, lastNotification?.outcome], ['direct', 'acknowledged']);
  assert.ok(['notification', 'poll'].includes(presence.reason));
});

test('what is to end is told to the product at once, by a call and with every claim until it is over', async (t) => {
  const product = await join(t, { listenerPort: await pickPort() });
  await product.connect();
  const id = await order(product);
  await product.client.claimCommands();
  const progress = { percent: 40, text: 'Reading' };
  await product.client.sendReports([{ commandId: id, state: 'running', at: Date.now(), progress }]);
  await until(
    'the first call is over',
    async () => (await communicationOf(product)).lastNotification !== null,
  );
  const callsBefore = product.received.length;
  await callApi(server, cancelCommand, { params: { commandId: id } });
  await until('the call', () => product.received.length > callsBefore);
  assert.deepEqual(await product.client.claimCommands(), { commands: [], cancel: [id] });
  const { acknowledgement } = await product.client.sendHeartbeat(quietHeartbeat, { needsAnswer: true });
  assert.equal(acknowledgement?.commandsWait, true);
  await product.client.sendReports([{ commandId: id, state: 'cancelled', at: Date.now() }]);
  assert.deepEqual(await product.client.claimCommands(), { commands: [], cancel: [] });
});

test('UDP: a command reaches a product through the socket of its heartbeats, without the next heartbeat', async (t) => {
  const product = await join(t, {});
  const settled = await product.connect();
  assert.deepEqual([settled.mode, settled.modeReason], ['two-way-udp', 'udp-answers-arrive']);
  await product.client.sendHeartbeat(quietHeartbeat);
  const id = await order(product);
  await until('the call', () => product.received.length > 0);
  assert.deepEqual(product.received, [{ way: 'udp', commandsWait: true, handshakeAgain: false }]);
  await until('the answer', async () => (await communicationOf(product)).presence.reason === 'notification');
  assert.deepEqual(
    (await product.client.claimCommands()).commands.map((command) => command.id),
    [id],
  );
});

test('held: a command reaches a product through its stream, and what was ordered before it was open does too', async (t) => {
  const product = await join(t, { udp: false });
  const settled = await product.connect();
  assert.deepEqual([settled.mode, settled.modeReason], ['two-way-held', 'stream-offered']);
  await order(product);
  await until('the failed call', async () => (await communicationOf(product)).lastNotification !== null);
  assert.equal((await communicationOf(product)).lastNotification?.outcome, 'no-way');
  const first = await hold(product);
  await until('what waited', () => product.received.length === 1);
  assert.equal((await product.client.claimCommands()).commands.length, 1);
  await order(product);
  await until('the call', () => product.received.length === 2);
  assert.deepEqual(product.received.at(-1), { way: 'held', commandsWait: true, handshakeAgain: false });
  assert.equal((await communicationOf(product)).lastNotification?.outcome, 'written');
  await product.connect();
  assert.equal(await first.ended, 'ended', 'with its epoch');
  assert.equal(server.app.modules.notification.heldStreamCount(), 0);
});

test('a new stream of a product ends its earlier one, and a stream too many is refused with a time to come back', async (t) => {
  const products = [
    await join(t, { udp: false }),
    await join(t, { udp: false }),
    await join(t, { udp: false }),
  ];
  const [one, two, three] = products;
  assert.ok(one && two && three);
  for (const product of [one, two]) await product.connect();
  assert.equal((await three.connect()).mode, 'two-way-held', 'there is room yet');
  const first = await hold(one);
  await hold(one);
  assert.equal(await first.ended, 'ended');
  await hold(two);
  await assert.rejects(hold(three), (error: unknown) => {
    assert.ok(hasCode(error, 'NOTIFICATIONS_FULL'));
    const { retryAfterMs } = error as { retryAfterMs?: number };
    return retryAfterMs !== undefined && retryAfterMs >= 60_000 && retryAfterMs < 300_000;
  });
  const { mode, modeReason } = await three.connect();
  assert.deepEqual([mode, modeReason], ['one-way', 'streams-taken']);
  one.client.close();
  await until('the place', () => server.app.modules.notification.heldStreamCount() === 1);
  assert.equal((await three.connect()).mode, 'two-way-held');
});

test('a listener that somebody else answers is unproven, and nothing is sent to it again', async (t) => {
  const port = await pickPort();
  let calls = 0;
  const stranger: Server = createServer((socket) => {
    calls += 1;
    socket.on('error', () => undefined);
    socket.write(Buffer.alloc(limits.minDatagramBytes, 5));
  });
  stranger.listen(port, '127.0.0.1');
  await once(stranger, 'listening');
  t.after(() => stranger.close());
  const product = await join(
    t,
    { mode: 'two-way-direct', listenerPort: port },
    { handling: { mayListen: false } },
  );
  await product.connect();
  const answer = await ask(product, { probesSent: 0, acknowledged: false, listenerPort: port });
  assert.deepEqual([answer.mode, answer.modeReason], ['one-way', 'listener-unproven']);
  assert.equal(calls, 1);
  // Once for each handshake, whatever port the product names.
  const other = await ask(product, { probesSent: 0, acknowledged: false, listenerPort: port + 1 });
  assert.equal(other.modeReason, 'listener-unreachable');
  const again = await ask(product, { probesSent: 0, acknowledged: false, listenerPort: port });
  assert.equal(again.modeReason, 'listener-unproven');
  await order(product);
  assert.equal(calls, 1);
});

test('a port of the system is never called, and a pinned mode without a listener says so', async (t) => {
  const product = await join(
    t,
    { mode: 'two-way-direct', listenerPort: 2_000 },
    { handling: { mayListen: false } },
  );
  assert.equal((await product.connect()).modeReason, 'listener-missing');
  const answer = await ask(product, { probesSent: 0, acknowledged: false, listenerPort: 1_023 });
  assert.equal(answer.modeReason, 'listener-unreachable');
});

test('a failed notification leaves the command queued for the next heartbeat, and three make the product one-way', async (t) => {
  const product = await join(t, { listenerPort: await pickPort() });
  await product.connect();
  assert.equal((await communicationOf(product)).mode, 'two-way-direct');
  product.client.close();
  const id = await order(product);
  for (let failures = 1; failures <= 3; failures += 1) {
    server.app.modules.notification.notifyCommandsWait([product.productNumber]);
    await until(`failure ${failures}`, async () => {
      const { mode, lastNotification } = await communicationOf(product);
      return failures < 3 ? lastNotification?.outcome === 'unanswered' : mode === 'one-way';
    });
  }
  assert.equal((await communicationOf(product)).modeReason, 'notifications-failed');
  await product.connect();
  const { acknowledgement } = await product.client.sendHeartbeat(quietHeartbeat, { needsAnswer: true });
  assert.equal(acknowledgement?.commandsWait, true);
  assert.deepEqual(
    (await product.client.claimCommands()).commands.map((command) => command.id),
    [id],
  );
});

test('a change of the group asks two-way products for a handshake at once, and one-way products with their heartbeat', async (t) => {
  const called = await join(t, {});
  assert.equal((await called.connect()).mode, 'two-way-udp');
  await called.client.sendHeartbeat(quietHeartbeat);
  await say(called.groupId, { transport: 'https', mode: 'one-way' });
  await until('the call', () => called.received.some(({ handshakeAgain }) => handshakeAgain));
  const settled = await called.connect();
  assert.deepEqual(settled, {
    transport: 'https',
    reason: 'https-pinned',
    mode: 'one-way',
    modeReason: 'one-way-pinned',
  });
  await say(called.groupId, { transport: 'automatic', mode: 'two-way-udp' });
  const told = await called.client.sendHeartbeat(quietHeartbeat, { needsAnswer: true });
  assert.equal(told.acknowledgement?.handshakeAgain, true);
  assert.equal((await communicationOf(called)).presence.reason, 'heartbeat-https', 'it counts all the same');
  assert.equal((await called.connect()).mode, 'two-way-udp');
  const then = await called.client.sendHeartbeat(quietHeartbeat, { needsAnswer: true });
  assert.equal(then.acknowledgement?.handshakeAgain, false);
});

test('a change that is taken back is told to nobody', async (t) => {
  const product = await join(t, { mode: 'one-way' });
  await product.connect();
  await say(product.groupId, { mode: 'two-way-held' });
  await say(product.groupId, { mode: 'one-way' });
  const { acknowledgement } = await product.client.sendHeartbeat(quietHeartbeat, { needsAnswer: true });
  assert.equal(acknowledgement?.handshakeAgain, false);
});

test('a late product is asked: one that answers is online, and one whose port is closed has timed out at once', async (t) => {
  const gone = await join(t, { listenerPort: await pickPort() });
  const there = await join(t, { listenerPort: await pickPort() });
  for (const product of [gone, there]) assert.equal((await product.connect()).mode, 'two-way-direct');
  gone.client.close();
  const { intervalMs } = await communicationOf(gone);
  // One heartbeat at the far end of its jitter, and a little more.
  for (let left = 1.15 * (intervalMs ?? 0); left > 0; left -= 250) {
    server.clock.advance(250);
    await server.ticks.run('presence.turn');
  }
  await until('the closed port', async () => (await communicationOf(gone)).presence.status === 'timed-out');
  assert.equal((await communicationOf(gone)).presence.reason, 'port-closed');
  await until('the answer', async () => (await communicationOf(there)).presence.reason === 'notification');
  assert.equal((await communicationOf(there)).presence.status, 'online');
});

test('a disabled product is called no more, and its stream ends', async (t) => {
  const product = await join(t, { udp: false });
  await product.connect();
  const stream = await hold(product);
  server.app.modules.presence.setDisabled(product.productNumber, true);
  assert.equal(await stream.ended, 'ended');
  server.app.modules.presence.setDisabled(product.productNumber, false);
});

test('the streams end when the server stops, and it does not wait for them', async (t) => {
  const stopping = await startTestServer({
    isListening: true,
    clock: createTestClock(systemClock.now()),
  });
  const product = await createTestClient(stopping, await createTestToken(stopping), { udp: false });
  t.after(() => product.client.close());
  await product.connect();
  const open = Promise.withResolvers<void>();
  const ended = product.client.holdStream(open.resolve);
  await open.promise;
  await stopping.close();
  await ended;
});

/** What the server answers to a product that says whatever it likes. */
async function ask(product: TestClient, payload: object): Promise<{ mode: string; modeReason: string }> {
  const { productNumber } = product;
  const epoch = server.app.modules.presence.findEpoch(productNumber);
  const caller = server.actAsProduct(productNumber, epoch);
  const answer = await server.call({ method: 'POST', url: mcpPath.transports, payload }, caller);
  assert.equal(answer.statusCode, 200, answer.body);
  return answer.json();
}
