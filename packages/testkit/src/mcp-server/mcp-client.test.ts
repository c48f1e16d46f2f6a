import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { AppError, type Clock, hasCode, systemClock } from '@holdfast/kernel';
import {
  capabilityVersion,
  createMcpClient,
  fetchAuthority,
  type HeartbeatContent,
  isHandshakeNeeded,
  type McpClient,
  type McpState,
  type McpStateStore,
  parseEnrolmentToken,
  type ProductFacts,
} from '@holdfast/protocol';
import { createAssertionSigner, createProductKey, type ProductKey } from '@holdfast/trust';
import { type FakeMcpServer, startFakeMcpServer } from './fake-mcp-server.ts';

const facts: ProductFacts = {
  product: { kind: 'endpoint-agent', name: 'Holdfast agent', version: '0.1.0' },
  device: { hardwareId: 'abc-123', name: 'desk-7', platform: 'linux', architecture: 'x64' },
  capabilities: { capabilityVersion, udp: true, commands: ['collect-inventory'] },
};

const content: HeartbeatContent = {
  goingAway: false,
  serviceState: 'running',
  waitingLogEntries: 0,
  policyRevision: 0,
  componentSetDigest: new Uint8Array(8),
  items: [],
};

const quick = { acknowledgementWaitsMs: () => [150, 150] as const, probeWaitsMs: [60, 60, 150] };

function memoryStore(): McpStateStore & { state: McpState | undefined } {
  return {
    state: undefined,
    load() {
      return Promise.resolve(this.state);
    },
    save(state) {
      this.state = state;
      return Promise.resolve();
    },
  };
}

interface Bench {
  readonly server: FakeMcpServer;
  readonly client: McpClient;
  readonly store: ReturnType<typeof memoryStore>;
  readonly key: ProductKey;
}

async function setUp(
  t: TestContext,
  options: { readonly clock?: Clock; readonly before?: readonly string[] } = {},
): Promise<Bench> {
  const server = await startFakeMcpServer();
  t.after(() => server.close());
  const token = parseEnrolmentToken(server.token);
  const authority = await fetchAuthority({ addresses: token.addresses, fingerprint: token.fingerprint });
  const key = createProductKey();
  const store = memoryStore();
  const client = createMcpClient({
    addresses: [...(options.before ?? []), ...token.addresses],
    authority,
    signer: createAssertionSigner(key),
    store,
    clock: options.clock ?? systemClock,
    timing: quick,
    timeoutMs: 5_000,
  });
  t.after(() => client.close());
  return { server, client, store, key };
}

async function registered(t: TestContext): Promise<Bench> {
  const bench = await setUp(t);
  await bench.client.register(parseEnrolmentToken(bench.server.token), facts);
  await bench.client.handshake(facts);
  return bench;
}

async function closedPort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  assert(address !== null && typeof address === 'object');
  return address.port;
}

test('a product registers, shakes hands, finds UDP and is alive', async (t) => {
  const { server, client, store } = await setUp(t);
  const answer = await client.register(parseEnrolmentToken(server.token), facts);
  assert.equal(answer.state, 'registered');
  const handshake = await client.handshake(facts);
  assert.equal(handshake.productNumber, 1);
  assert.equal(handshake.epoch, 1);
  assert.deepEqual(handshake.groupPath, ['Berlin', 'Servers']);
  assert.equal(store.state?.epoch, 1);
  assert.deepEqual(await client.negotiateTransport(), {
    transport: 'udp-acknowledged',
    reason: 'both-directions-seen',
    mode: 'one-way',
    modeReason: 'one-way-pinned',
  });
  server.state.commandsWait = true;
  const outcome = await client.sendHeartbeat(content);
  assert.equal(outcome.transport, 'udp-acknowledged');
  assert.equal(outcome.acknowledgement?.commandsWait, true);
  assert.equal(outcome.acknowledgement?.nextIntervalMs, 60_000);
  assert.deepEqual(
    [...server.state.products.values()].map((product) => product.heartbeats),
    [1],
  );
});

test('a product whose datagrams are not answered uses UDP without acknowledgement', async (t) => {
  const { server, client } = await registered(t);
  server.state.faults.udpOutward = false;
  assert.equal((await client.negotiateTransport()).transport, 'udp');
  const outcome = await client.sendHeartbeat(content);
  assert.deepEqual(outcome, { transport: 'udp', acknowledgement: undefined, missedByUdp: 0 });
});

test('a product that uses plain UDP and needs an answer gets it by HTTPS, and its heartbeat counts once', async (t) => {
  const { server, client } = await registered(t);
  server.state.faults.udpOutward = false;
  await client.negotiateTransport();
  const outcome = await client.sendHeartbeat(content, { needsAnswer: true });
  assert.equal(outcome.acknowledgement?.nextIntervalMs, 60_000);
  assert.equal([...server.state.products.values()][0]?.heartbeats, 1);
});

test('a product whose datagrams do not arrive uses HTTPS', async (t) => {
  const { server, client } = await registered(t);
  server.state.faults.udpInward = false;
  assert.equal((await client.negotiateTransport()).transport, 'https');
  const outcome = await client.sendHeartbeat(content);
  assert.equal(outcome.transport, 'https');
  assert.equal(outcome.acknowledgement?.handshakeAgain, false);
});

test('a heartbeat that UDP loses is a failure, and the next one arrives by HTTPS', async (t) => {
  const { server, client } = await registered(t);
  await client.negotiateTransport();
  server.state.faults.udpInward = false;
  await assert.rejects(client.sendHeartbeat(content), (error) => hasCode(error, 'SERVER_UNREACHABLE'));
  const outcome = await client.sendHeartbeat(content);
  assert.equal(outcome.transport, 'https');
  assert.equal(outcome.missedByUdp, 1);
  assert.deepEqual(
    [...server.state.products.values()].map((product) => product.heartbeats),
    [1],
  );
});

test('a heartbeat that arrives twice by UDP counts once', async (t) => {
  const { server, client } = await registered(t);
  await client.negotiateTransport();
  server.state.faults.udpOutward = false;
  await assert.rejects(client.sendHeartbeat(content), (error) => hasCode(error, 'SERVER_UNREACHABLE'));
  assert.deepEqual(
    [...server.state.products.values()].map((product) => product.heartbeats),
    [1],
  );
});

test('a heartbeat under an old epoch is told to shake hands again and does not count', async (t) => {
  const { server, client } = await registered(t);
  for (const product of server.state.products.values()) product.epoch = 7;
  const outcome = await client.sendHeartbeat(content);
  assert.equal(outcome.acknowledgement?.handshakeAgain, true);
  assert.deepEqual(
    [...server.state.products.values()].map((product) => product.heartbeats),
    [0],
  );
});

test('a product whose key is known comes back to its number, without using up the token', async (t) => {
  const { server, client, store } = await registered(t);
  store.state = undefined;
  const token = { ...parseEnrolmentToken(server.token), secret: Buffer.alloc(32).toString('base64url') };
  const answer = await client.register(token, facts);
  assert.equal(answer.state === 'registered' && answer.productNumber, 1);
});

test('a server that forgot epochs never repeats one that the product remembers', async (t) => {
  const { server, client } = await registered(t);
  for (const product of server.state.products.values()) product.epoch = 0;
  assert.equal((await client.handshake(facts)).epoch, 2);
});

test('a registration that needs approval says when to ask again, and leaves no state', async (t) => {
  const { server, client, store } = await setUp(t);
  server.state.needsApproval = true;
  const answer = await client.register(parseEnrolmentToken(server.token), facts);
  assert.deepEqual(answer, { state: 'awaiting-approval', retryAfterMs: 1_000 });
  assert.equal(store.state, undefined);
});

test('a wrong token secret is refused with the code of the server', async (t) => {
  const { server, client } = await setUp(t);
  const token = { ...parseEnrolmentToken(server.token), secret: Buffer.alloc(32).toString('base64url') };
  await assert.rejects(client.register(token, facts), (error) => hasCode(error, 'ENROLMENT_TOKEN_INVALID'));
});

test('a server with another authority is refused before anything secret is sent', async (t) => {
  const right = await startFakeMcpServer();
  t.after(() => right.close());
  const wrong = await startFakeMcpServer();
  t.after(() => wrong.close());
  await assert.rejects(
    fetchAuthority({ addresses: [wrong.address], fingerprint: right.fingerprint }),
    (error) => hasCode(error, 'SERVER_FINGERPRINT_MISMATCH'),
  );
  const found = await fetchAuthority({
    addresses: [wrong.address, right.address],
    fingerprint: right.fingerprint,
  });
  assert.equal(found.certificate, right.authority.replace(/\s*$/u, '\n'));

  const client = createMcpClient({
    addresses: [wrong.address],
    authority: found,
    signer: createAssertionSigner(createProductKey()),
    store: memoryStore(),
    clock: systemClock,
  });
  t.after(() => client.close());
  await assert.rejects(client.handshake(facts), (error) => hasCode(error, 'SERVER_CERTIFICATE_INVALID'));
  // Twice above, and once by the client: whether this authority follows the one that it pinned.
  assert.deepEqual(
    wrong.state.calls,
    Array.from({ length: 3 }, () => 'GET /mcp/v1/authority'),
  );
});

test('a server certificate for another name is refused', async (t) => {
  const server = await startFakeMcpServer({ names: ['other.example'] });
  t.after(() => server.close());
  const client = createMcpClient({
    addresses: [server.address],
    authority: { certificate: server.authority, fingerprint: server.fingerprint },
    signer: createAssertionSigner(createProductKey()),
    store: memoryStore(),
    clock: systemClock,
  });
  t.after(() => client.close());
  await assert.rejects(client.handshake(facts), (error) => hasCode(error, 'SERVER_CERTIFICATE_INVALID'));
});

test('the next address is tried when one is closed, and all closed is a typed failure that may be retried', async (t) => {
  const closed = `https://localhost:${await closedPort()}`;
  const { client, server } = await setUp(t, { before: [closed] });
  await client.register(parseEnrolmentToken(server.token), facts);
  assert.equal((await client.handshake(facts)).address, server.address);
  await assert.rejects(fetchAuthority({ addresses: [closed], fingerprint: server.fingerprint }), (error) => {
    assert(error instanceof AppError);
    assert.equal(error.code, 'SERVER_UNREACHABLE');
    assert.equal(error.retry, 'safe');
    return true;
  });
});

test('a handshake tells other addresses, which are tried in their order, and the one that answered is never lost', async (t) => {
  const { client, server } = await registered(t);
  const other = server.address.replace('localhost', '127.0.0.1');
  server.state.addresses = ['http://plain.example', other, 'https://x.example/path', other];
  const told = await client.handshake(facts);
  assert.deepEqual(told.addresses, [other, server.address]);
  assert.equal(told.address, server.address);
  // Nothing said: they stay. The first that fails makes room for the next.
  server.state.addresses = undefined;
  const closed = `https://localhost:${await closedPort()}`;
  client.useAddresses([closed, other]);
  const { address, addresses } = await client.handshake(facts);
  assert.equal(address, other);
  assert.deepEqual(addresses, [closed, other]);
});

test('a clock that is off by a day works, with a warning', async (t) => {
  const clock = { now: () => systemClock.now() - 86_400_000, monotonic: () => systemClock.monotonic() };
  const { client, server } = await setUp(t, { clock });
  await client.register(parseEnrolmentToken(server.token), facts);
  const { warnings } = await client.handshake(facts);
  assert.equal(warnings[0]?.code, 'CLOCK_SKEW');
  assert(Math.abs((warnings[0]?.skewMs ?? 0) + 86_400_000) < 60_000);
});

test('an unknown and a disabled product are told so', async (t) => {
  const { client, server } = await registered(t);
  for (const product of server.state.products.values()) product.isDisabled = true;
  await assert.rejects(client.handshake(facts), (error) => hasCode(error, 'PRODUCT_DISABLED'));
  server.state.products.clear();
  await assert.rejects(client.handshake(facts), (error) => {
    assert(hasCode(error, 'PRODUCT_UNKNOWN'));
    assert.equal((error as { retryAfterMs?: number }).retryAfterMs, 60_000);
    return true;
  });
});

test('a call before, or with the token of an older, handshake asks for a handshake', async (t) => {
  const { client, server } = await setUp(t);
  await assert.rejects(
    client.claimCommands(),
    (error) => isHandshakeNeeded(error) && hasCode(error, 'HANDSHAKE_MISSING'),
  );
  await client.register(parseEnrolmentToken(server.token), facts);
  await client.handshake(facts);
  for (const product of server.state.products.values()) product.epoch++;
  await assert.rejects(
    client.claimCommands(),
    (error) => isHandshakeNeeded(error) && hasCode(error, 'ACCESS_TOKEN_INVALID'),
  );
});

test('commands are claimed, reported, and the inventory is put', async (t) => {
  const { client, server } = await registered(t);
  const id = server.state.deviceId;
  server.state.commands.push({
    id,
    type: 'collect-inventory',
    parameters: { deep: true },
    issuedAt: 1,
    expiresAt: 2,
  });
  assert.deepEqual((await client.claimCommands()).commands, server.state.commands);
  const outcomes = await client.sendReports([
    { commandId: id, state: 'succeeded', at: 5, result: { count: 1 } },
    { commandId: server.state.groupId, state: 'failed', at: 5, code: 'NOT_KNOWN' },
  ]);
  assert.deepEqual(
    outcomes.map(({ outcome }) => outcome),
    ['recorded', 'unknown-command'],
  );
  assert.deepEqual(await client.claimCommands(), { commands: [], cancel: [] });
  assert.equal((await client.putInventory({ collectedAt: 5, facts: { name: 'desk-7' } })).changed, true);
  assert.deepEqual(server.state.inventory?.facts, { name: 'desk-7' });
});

test('what an older server does not know is left out or said in its words', async (t) => {
  const { client, server } = await registered(t);
  const commandId = server.state.deviceId;
  const sayAll = async (): Promise<unknown[]> => {
    const before = server.state.reportLog.length;
    await client.sendReports([
      { commandId, state: 'running', at: 5, progress: { percent: 40, text: 'Reading' } },
      { commandId, state: 'cancelled', at: 6, detail: 'Stopped.' },
    ]);
    return server.state.reportLog.slice(before);
  };
  server.state.capabilityVersion = undefined;
  await client.handshake(facts);
  assert.deepEqual(await sayAll(), [
    { commandId, state: 'running', at: 5 },
    { commandId, state: 'failed', at: 6, detail: 'Stopped.', code: 'COMMAND_CANCELLED' },
  ]);
  server.state.capabilityVersion = capabilityVersion;
  await client.handshake(facts);
  assert.deepEqual(await sayAll(), [
    { commandId, state: 'running', at: 5, progress: { percent: 40, text: 'Reading' } },
    { commandId, state: 'cancelled', at: 6, detail: 'Stopped.' },
  ]);
});

test('what is to end is named until its end has been reported', async (t) => {
  const { client, server } = await registered(t);
  const commandId = server.state.deviceId;
  server.state.cancelling.add(commandId);
  assert.deepEqual((await client.claimCommands()).cancel, [commandId]);
  await client.sendReports([{ commandId, state: 'running', at: 5 }]);
  assert.deepEqual((await client.claimCommands()).cancel, [commandId]);
  await client.sendReports([{ commandId, state: 'cancelled', at: 6 }]);
  assert.deepEqual((await client.claimCommands()).cancel, []);
});

test('answers that are not of the protocol are refused: wrong type, wrong form, too long, redirect', async (t) => {
  const { client, server } = await registered(t);
  const page = { status: 200, mediaType: 'text/html', body: Buffer.from('<html>') };
  const wrongs = [
    page,
    { ...page, status: 302 },
    { ...page, status: 502 },
    { status: 200, mediaType: 'application/json', body: Buffer.from('{"commands":[{}]}') },
    { status: 200, mediaType: 'application/json', body: Buffer.from('{"commands":') },
    { status: 200, mediaType: 'application/json', body: Buffer.from([0x22, 0xff, 0x22]) },
    { status: 200, mediaType: 'application/json', body: Buffer.alloc(1_048_577, 0x20) },
    { status: 400, mediaType: 'application/problem+json', body: Buffer.from('{}') },
  ];
  for (const wrong of wrongs) {
    server.state.faults.answer = () => wrong;
    await assert.rejects(client.claimCommands(), (error) => hasCode(error, 'SERVER_ANSWER_INVALID'));
  }
});

test('an unknown member of an answer is ignored, and an unknown problem code is passed on', async (t) => {
  const { client, server } = await registered(t);
  const json = (status: number, value: unknown) => ({
    status,
    mediaType: status === 200 ? 'application/json' : 'application/problem+json',
    body: Buffer.from(JSON.stringify(value)),
  });
  server.state.faults.answer = () => json(200, { commands: [], later: true });
  assert.deepEqual(await client.claimCommands(), { commands: [], cancel: [] });
  server.state.faults.answer = () => json(429, { code: 'OF_A_LATER_VERSION', facts: { retryAfterMs: 5 } });
  await assert.rejects(client.claimCommands(), (error) => {
    assert(error instanceof AppError);
    assert.equal(error.code, 'OF_A_LATER_VERSION');
    assert.equal(error.retry, 'safe');
    return true;
  });
});

test('a server that takes the call and never answers is given up after the time limit', async (t) => {
  const { server, key } = await setUp(t);
  server.state.faults.answer = () => new Promise(() => undefined);
  const client = createMcpClient({
    addresses: [server.address],
    authority: { certificate: server.authority, fingerprint: server.fingerprint },
    signer: createAssertionSigner(key),
    store: memoryStore(),
    clock: systemClock,
    timeoutMs: 200,
  });
  t.after(() => client.close());
  await assert.rejects(client.handshake(facts), (error) => {
    assert(error instanceof AppError);
    assert.equal(error.code, 'SERVER_UNREACHABLE');
    assert.equal(error.facts['fault'], 'TIMED_OUT');
    return true;
  });
});

test('an idle connection that the server has closed is replaced without a failure', async (t) => {
  const { server, client } = await registered(t);
  server.dropConnections();
  assert.deepEqual(await client.claimCommands(), { commands: [], cancel: [] });
});

test('log entries arrive once each, packed when that makes them smaller', async (t) => {
  const { client, server } = await registered(t);
  const journal = '0194fdc2-fa2f-7cc0-81d3-ff12045b73d0';
  const entries = Array.from({ length: 40 }, (_, index) => ({
    sequence: index + 1,
    at: 1_795_312_800_000 + index,
    type: 'agent-started',
    severity: 'info' as const,
    text: 'The agent has started.',
  }));
  assert.equal(await client.sendLogs(journal, entries.slice(0, 2)), 2);
  assert.equal(await client.sendLogs(journal, entries.slice(0, 30)), 30);
  assert.equal(await client.sendLogs(journal, entries.slice(20)), 40);
  assert.deepEqual(server.state.journals.get(journal), entries);
});
