import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { hasCode, systemClock } from '@holdfast/kernel';
import {
  capabilityVersion,
  createMcpClient,
  fetchAuthority,
  type HeartbeatContent,
  limits,
  type McpClient,
  type McpState,
  type NotificationHandling,
  parseEnrolmentToken,
  type ProductFacts,
  type ReceivedNotification,
} from '@holdfast/protocol';
import { createAssertionSigner, createProductKey } from '@holdfast/trust';
import { type FakeMcpServer, startFakeMcpServer } from './fake-mcp-server.ts';
import type { FakeServerState } from './fake-server-state.ts';

const facts: ProductFacts = {
  product: { kind: 'endpoint-agent', name: 'Holdfast agent', version: '0.1.0' },
  device: { name: 'desk-7', platform: 'linux', architecture: 'x64' },
  capabilities: { capabilityVersion, udp: true, commands: [] },
};

const heartbeat: HeartbeatContent = {
  goingAway: false,
  serviceState: 'running',
  waitingLogEntries: 0,
  policyRevision: 0,
  componentSetDigest: new Uint8Array(8),
  items: [],
};

const commandsWait = { commandsWait: true, handshakeAgain: false };

interface Bench {
  readonly server: FakeMcpServer;
  readonly client: McpClient;
  readonly received: ReceivedNotification[];
}

async function connect(
  t: TestContext,
  prepare: (state: FakeServerState) => void,
  handling: Partial<NotificationHandling> = {},
): Promise<Bench & { readonly mode: string | undefined }> {
  const server = await startFakeMcpServer();
  t.after(() => server.close());
  const token = parseEnrolmentToken(server.token);
  const authority = await fetchAuthority({ addresses: token.addresses, fingerprint: token.fingerprint });
  const received: ReceivedNotification[] = [];
  let state: McpState | undefined;
  const client = createMcpClient({
    addresses: token.addresses,
    authority,
    signer: createAssertionSigner(createProductKey()),
    store: {
      load: () => Promise.resolve(state),
      save: async (next) => {
        state = next;
      },
    },
    clock: systemClock,
    timing: { acknowledgementWaitsMs: () => [150, 150] as const, probeWaitsMs: [60, 60, 150] },
    timeoutMs: 5_000,
    notifications: { onNotification: (it) => received.push(it), listenerHost: '127.0.0.1', ...handling },
  });
  t.after(() => client.close());
  await client.register(token, facts);
  prepare(server.state);
  await client.handshake(facts);
  const { mode } = await client.negotiateTransport();
  return { server, client, received, mode };
}

async function until(what: string, condition: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 10_000;
  while (!condition()) {
    assert.ok(performance.now() < deadlineMs, `not in time: ${what}`);
    await delay(5);
  }
}

async function pickPort(): Promise<number> {
  const probe = createTcpServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

function holdOpen(client: McpClient): { readonly open: Promise<void>; readonly ended: Promise<void> } {
  const open = Promise.withResolvers<void>();
  const ended = client.holdStream(open.resolve);
  ended.catch((error: unknown) => open.reject(error));
  return { open: open.promise, ended };
}

test('a product listens where the server wants it, is called there, and stops listening when the mode is another', async (t) => {
  const port = await pickPort();
  const { server, client, received, mode } = await connect(t, (state) => {
    state.pinnedMode = 'automatic';
    state.listenerPort = port;
  });
  assert.equal(mode, 'two-way-direct');
  assert.equal(await server.notify(commandsWait), 1);
  await until('the call', () => received.some((it) => it.commandsWait));
  assert.equal(received.at(-1)?.way, 'direct');
  server.state.pinnedMode = 'two-way-held';
  await client.negotiateTransport();
  const free = createTcpServer();
  free.listen(port, '127.0.0.1');
  await once(free, 'listening');
  free.close();
});

test('a product that may not listen, or cannot, says so and finds another way', async (t) => {
  const refusals: string[] = [];
  const forbidden = await connect(
    t,
    (state) => {
      state.pinnedMode = 'automatic';
      state.listenerPort = 40_000;
    },
    { mayListen: false, onListenerRefusal: (refusal) => refusals.push(refusal) },
  );
  assert.equal(forbidden.mode, 'two-way-udp');
  const taken = createTcpServer();
  taken.listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.after(() => taken.close());
  const inUse = await connect(
    t,
    (state) => {
      state.pinnedMode = 'two-way-direct';
      state.listenerPort = (taken.address() as AddressInfo).port;
    },
    { onListenerRefusal: (refusal) => refusals.push(refusal) },
  );
  assert.equal(inUse.mode, 'one-way');
  assert.deepEqual(refusals, ['forbidden', 'port-unavailable']);
});

test('a notification by UDP arrives between heartbeats, is acknowledged, and does not disturb a heartbeat under way', async (t) => {
  const { server, client, received, mode } = await connect(t, (state) => {
    state.pinnedMode = 'automatic';
  });
  assert.equal(mode, 'two-way-udp');
  await client.sendHeartbeat(heartbeat);
  await server.notify(commandsWait);
  await until('the call', () => received.length === 1);
  await until('the answer', () => server.state.notificationsAcknowledged === 1);
  server.state.faults.udpOutward = false;
  const sent = client.sendHeartbeat(heartbeat);
  await server.notify({ commandsWait: false, handshakeAgain: true });
  await until('the second call', () => received.length === 2);
  server.state.faults.udpOutward = true;
  assert.ok((await sent).acknowledgement);
  assert.deepEqual(
    received.map(({ way }) => way),
    ['udp', 'udp'],
  );
});

test('a held stream brings notifications until the server ends it, and a handshake ends it too', async (t) => {
  const { server, client, received, mode } = await connect(t, (state) => {
    state.pinnedMode = 'two-way-held';
  });
  assert.equal(mode, 'two-way-held');
  const first = holdOpen(client);
  await first.open;
  await server.notify({ commandsWait: false, handshakeAgain: false });
  await server.notify(commandsWait);
  await until('the calls', () => received.length === 2);
  const second = holdOpen(client);
  await first.ended;
  await second.open;
  await client.handshake(facts);
  await second.ended;
  await client.negotiateTransport();
  const third = holdOpen(client);
  await third.open;
  server.dropConnections();
  await third.ended;
});

test('a stream that brings nothing for too long is given up', async (t) => {
  const { client } = await connect(
    t,
    (state) => {
      state.pinnedMode = 'two-way-held';
    },
    { streamSilentMs: 150 },
  );
  const stream = holdOpen(client);
  await stream.open;
  await stream.ended;
});

test('a stream that cannot be opened is a typed failure that says when to come back', async (t) => {
  const { server, client } = await connect(t, (state) => {
    state.pinnedMode = 'two-way-held';
  });
  server.state.hasFreeStream = false;
  await assert.rejects(client.holdStream(), (error: unknown) => {
    assert.ok(hasCode(error, 'NOTIFICATIONS_FULL'));
    return (error as { readonly retryAfterMs?: number }).retryAfterMs === 60_000;
  });
  await server.stop();
  await assert.rejects(client.holdStream(), { code: 'SERVER_UNREACHABLE' });
});

test('a stream that brings something else than proven notifications is closed and refused', async (t) => {
  const { server, client, received } = await connect(t, (state) => {
    state.pinnedMode = 'two-way-held';
  });
  const stream = holdOpen(client);
  await stream.open;
  const stranger = Buffer.alloc(limits.minDatagramBytes, 1);
  for (const product of server.state.products.values()) product.stream?.write(stranger);
  await assert.rejects(stream.ended, { code: 'SERVER_ANSWER_INVALID' });
  assert.deepEqual(received, []);
});

test('a page of somebody else in the place of the stream is refused', async (t) => {
  const { server, client } = await connect(t, (state) => {
    state.pinnedMode = 'two-way-held';
  });
  server.state.streamMediaType = 'text/html';
  await assert.rejects(client.holdStream(), { code: 'SERVER_ANSWER_INVALID' });
});
