import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import {
  builtInRoleIds,
  changeRole,
  createApiKey,
  createRole,
  deleteRole,
  eventsPath,
  getCurrentSession,
  giveGrant,
  issueCommand,
  type LiveEvent,
  revokeApiKey,
  revokeSession,
  setAdministratorState,
  signOut,
  takeGrant,
} from '@holdfast/api';
import { mcpPath } from '@holdfast/protocol';
import { NEW_DEVICES_GROUP_ID } from '../directory/index.ts';
import {
  everywhere,
  inGroup,
  signInFirstAdministrator,
  signInInvited,
} from '../../testing/test-administrators.ts';
import { assertRefused, send, type TestBrowser } from '../../testing/test-browser.ts';
import type { CallerHeaders } from '../../testing/test-callers.ts';
import { insertFleet } from '../../testing/test-fleet.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
let first: TestBrowser;
let port: number;
const open: IncomingMessage[] = [];

beforeEach(async () => {
  server = await startTestServer();
  first = await signInFirstAdministrator(server, 'alice');
  await server.app.http.app.listen({ port: 0, host: '127.0.0.1' });
  port = (server.app.http.app.server.address() as AddressInfo).port;
});
afterEach(async () => {
  for (const answer of open.splice(0)) answer.destroy();
  await server.close();
});

interface Reader {
  readonly events: LiveEvent[];
  readonly answer: IncomingMessage;
  readonly isEnded: () => boolean;
  /** Resolves when the condition holds; looked at whenever something arrives, and when the stream ends. */
  readonly waitFor: (isTrue: () => boolean) => Promise<void>;
}

async function listen(headers: CallerHeaders): Promise<Reader> {
  const request = get({ host: '127.0.0.1', port, path: eventsPath, headers: { ...headers } });
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  assert.equal(answer.statusCode, 200);
  assert.match(answer.headers['content-type'] ?? '', /^text\/event-stream/);
  open.push(answer);
  const events: LiveEvent[] = [];
  let isEnded = false;
  let rest = '';
  const changes = new EventEmitter();
  answer.setEncoding('utf8');
  answer.on('data', (text: string) => {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks)
      if (block.startsWith('data: ')) events.push(JSON.parse(block.slice(6)) as LiveEvent);
    changes.emit('change');
  });
  answer.on('close', () => {
    isEnded = true;
    changes.emit('change');
  });
  const waitFor = async (isTrue: () => boolean): Promise<void> => {
    const signal = AbortSignal.timeout(10_000);
    while (!isTrue()) await once(changes, 'change', { signal });
  };
  await waitFor(() => events.length > 0);
  return { events, answer, isEnded: () => isEnded, waitFor };
}

// A loop without a pause takes the processor from whoever is waited for.
const LOOK_AGAIN_MS = 5;

/** Of what the server notices when its side of a connection ends: nobody is told of it. */
async function untilStreamCountIs(count: number): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (server.app.modules.events.streamCount() !== count) {
    assert.ok(performance.now() < deadline, 'the server did not notice in time');
    await delay(LOOK_AGAIN_MS);
  }
}

async function createKey(
  permissions: readonly ('directory:read' | 'commands:read')[],
  scopeGroupId?: string,
): Promise<{ id: string; headers: CallerHeaders }> {
  const { apiKey, key } = await first.call(createApiKey, {
    body: {
      name: 'reader',
      permissions: [...permissions],
      ...(scopeGroupId === undefined ? {} : { scopeGroupId }),
    },
  });
  return { id: apiKey.id, headers: { authorization: `Bearer ${key}` } };
}

test('a stream begins with hello and tells what changes', async () => {
  const reader = await listen(first.headers);
  assert.deepEqual(reader.events, [
    { type: 'hello', serverTimeAt: new Date(server.clock.now()).toISOString(), serverVersion: '0.0.0-test' },
  ]);
  server.app.platform.live.tell({ event: { type: 'groups' }, permission: 'directory:read' });
  await reader.waitFor(() => reader.events.length === 2);
  assert.deepEqual(reader.events[1], { type: 'groups' });
});

test('a command is followed from the order to its end, in turns and without one event for each product', async () => {
  const fleet = await insertFleet(server, { count: 100 });
  const reader = await listen(first.headers);
  await first.call(issueCommand, { body: { type: 'collect-inventory', targets: { filter: {} } } });
  await server.ticks.run('commands.announce');
  await reader.waitFor(() => reader.events.some((event) => event.type === 'command'));
  const targets = reader.events.filter((event) => event.type === 'command-target');
  assert.equal(targets.length, 20);
  const { productNumber = 0 } = fleet[50] ?? {};
  const payload = { max: 1 };
  await server.call(
    { method: 'POST', url: mcpPath.commandClaims, payload },
    server.actAsProduct(productNumber),
  );
  await server.ticks.run('commands.announce');
  const delivered = () =>
    reader.events.find(
      (event) => event.type === 'command-target' && event.target.productNumber === productNumber,
    );
  await reader.waitFor(() => delivered() !== undefined);
  const counts = () => reader.events.findLast((event) => event.type === 'command')?.command.counts.delivered;
  await reader.waitFor(() => counts() === 1);
});

test('a reader with a scope hears of its groups only', async () => {
  const key = await createKey(['directory:read'], NEW_DEVICES_GROUP_ID);
  const reader = await listen(key.headers);
  const { live } = server.app.platform;
  const other = '019aa000-0000-7000-8000-000000000001';
  live.tell({
    event: { type: 'device', deviceId: other, change: 'changed' },
    permission: 'directory:read',
    groupPath: [other],
  });
  live.tell({ event: { type: 'settings' }, permission: 'settings:read' });
  live.tell({
    event: { type: 'groups' },
    permission: 'directory:read',
    groupPath: [other, NEW_DEVICES_GROUP_ID],
  });
  await reader.waitFor(() => reader.events.length === 2);
  assert.deepEqual(reader.events[1], { type: 'groups' });
});

test('a stream ends at once with its session or its key, however that ends', async () => {
  const bob = await signInInvited(server, first, 'bob');
  const { id: bobId } = await bob.call(getCurrentSession);
  const carol = await signInInvited(server, first, 'carol');
  const { sessionId } = await carol.call(getCurrentSession);
  const key = await createKey(['directory:read']);
  const ofFirst = await listen(first.headers);
  const [ofBob, ofCarol, ofKey] = [
    await listen(bob.headers),
    await listen(carol.headers),
    await listen(key.headers),
  ];
  assert.equal(server.app.modules.events.streamCount(), 4);
  await first.call(setAdministratorState, {
    params: { administratorId: bobId },
    body: { state: 'disabled' },
  });
  await ofBob.waitFor(ofBob.isEnded);
  await first.call(revokeSession, { params: { sessionId: sessionId ?? '' } });
  await ofCarol.waitFor(ofCarol.isEnded);
  await first.call(revokeApiKey, { params: { apiKeyId: key.id } });
  await ofKey.waitFor(ofKey.isEnded);
  assert.equal(ofFirst.isEnded(), false);
  await first.call(signOut);
  await ofFirst.waitFor(ofFirst.isEnded);
  await untilStreamCountIs(0);
});

test('a session that ends by time ends its stream, and an open stream does not keep it alive', async () => {
  const reader = await listen(first.headers);
  for (let hour = 0; hour < 8; hour += 1) {
    await server.ticks.run('events.recheck');
    assert.equal(reader.isEnded(), false);
    server.clock.advance(3_600_000);
  }
  await server.ticks.run('events.recheck');
  await reader.waitFor(reader.isEnded);
});

test('a reader that leaves is forgotten', async () => {
  const reader = await listen(first.headers);
  reader.answer.destroy();
  await untilStreamCountIs(0);
});

test('a reader that does not read costs bounded memory and is told to refresh', async () => {
  const key = await createKey(['directory:read']);
  const reader = await listen(key.headers);
  reader.answer.pause();
  const event = { type: 'device', deviceId: 'x'.repeat(1_000), change: 'changed' } as const;
  for (let index = 0; index < 20_000; index += 1) {
    server.app.platform.live.tell({ event, permission: 'directory:read' });
    if (index % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  reader.answer.resume();
  const hasRefresh = () => reader.events.some((one) => one.type === 'refresh');
  const deadline = performance.now() + 10_000;
  // The server learns at its own side that there is room again, so it is asked until there is.
  for (; !hasRefresh(); await delay(LOOK_AGAIN_MS)) {
    assert.ok(performance.now() < deadline, 'the reader was not told in time');
    await server.ticks.run('events.catch-up');
  }
  assert.ok(reader.events.length < 20_000, 'some were dropped');
});

test('nobody opens a stream without having signed in', async () => {
  assertRefused(await server.call({ method: 'GET', url: eventsPath }), 401, 'NOT_SIGNED_IN');
  assertRefused(
    await send(server, getCurrentSession, {}, { authorization: 'Bearer x' }),
    401,
    'NOT_SIGNED_IN',
  );
});

test('whoever may see one thing only hears of that, and of nothing else', async () => {
  const key = await createKey(['commands:read']);
  const reader = await listen(key.headers);
  const { live } = server.app.platform;
  live.tell({ event: { type: 'groups' }, permission: 'directory:read' });
  live.tell({ event: { type: 'jobs' }, permission: 'commands:read' });
  await reader.waitFor(() => reader.events.some((event) => event.type === 'jobs'));
  assert.deepEqual(
    reader.events.map((event) => event.type),
    ['hello', 'jobs'],
  );
});

test('a role that is deleted while its holder watches closes the stream at once', async () => {
  const role = await first.call(createRole, {
    body: { name: 'Watcher', description: '', permissions: ['directory:read'] },
  });
  const bob = await signInInvited(server, first, 'bob', { roleId: role.id, groupId: null });
  const reader = await listen(bob.headers);
  const other = await listen(first.headers);
  await first.call(deleteRole, { params: { roleId: role.id } });
  await reader.waitFor(reader.isEnded);
  assert.equal(other.isEnded(), false);
});

test('a grant that is taken while its holder watches narrows the stream at once', async () => {
  const bob = await signInInvited(server, first, 'bob', 'auditor', inGroup('auditor', NEW_DEVICES_GROUP_ID));
  const { id: administratorId, roles } = await bob.call(getCurrentSession);
  const reader = await listen(bob.headers);
  const { live } = server.app.platform;
  const publish = (deviceId: string, groupPath: readonly string[]): void =>
    live.tell({
      event: { type: 'device', deviceId, change: 'changed' },
      permission: 'directory:read',
      groupPath,
    });
  const told = (): string[] =>
    reader.events.flatMap((event) => (event.type === 'device' ? [event.deviceId] : []));
  publish('elsewhere', ['another']);
  await reader.waitFor(() => told().length === 1);
  const wide = roles.find((grant) => grant.groupId === null)?.id ?? '';
  await first.call(takeGrant, { params: { administratorId, grantId: wide } });
  // Its views ask again for what they may see now.
  await reader.waitFor(() => reader.events.some((event) => event.type === 'refresh'));
  publish('hidden', ['another']);
  publish('here', [NEW_DEVICES_GROUP_ID]);
  await reader.waitFor(() => told().includes('here'));
  assert.deepEqual(told(), ['elsewhere', 'here']);
  await first.call(giveGrant, { params: { administratorId }, body: everywhere('auditor') });
  await reader.waitFor(() => reader.events.filter((event) => event.type === 'refresh').length === 2);
  publish('again', ['another']);
  await reader.waitFor(() => told().includes('again'));
});

test('a stream of a key follows what the account behind it loses', async () => {
  const bob = await signInInvited(server, first, 'bob');
  const { id: administratorId, roles } = await bob.call(getCurrentSession);
  const { key } = await bob.call(createApiKey, { body: { name: 'x', permissions: ['directory:read'] } });
  const reader = await listen({ authorization: `Bearer ${key}` });
  assert.equal(roles[0]?.roleId, builtInRoleIds.enterpriseAdministrator);
  await first.call(takeGrant, { params: { administratorId, grantId: roles[0]?.id ?? '' } });
  await reader.waitFor(reader.isEnded);
});

test('each event is held to its own permission at its own place', async () => {
  const role = await first.call(createRole, {
    body: { name: 'Logs', description: '', permissions: ['logs:read'] },
  });
  const bob = await signInInvited(server, first, 'bob', 'auditor', {
    roleId: role.id,
    groupId: NEW_DEVICES_GROUP_ID,
  });
  const { id: administratorId, roles } = await bob.call(getCurrentSession);
  // Reads the directory everywhere by a role of its own, and logs here only.
  const directory = await first.call(createRole, {
    body: { name: 'Directory', description: '', permissions: ['directory:read', 'logs:read'] },
  });
  await first.call(giveGrant, { params: { administratorId }, body: { roleId: directory.id, groupId: null } });
  const auditor = roles.find((grant) => grant.roleId === builtInRoleIds.auditor)?.id ?? '';
  await first.call(takeGrant, { params: { administratorId, grantId: auditor } });
  const reader = await listen(bob.headers);
  await first.call(changeRole, {
    params: { roleId: directory.id },
    body: { revision: 1, name: 'Directory', description: '', permissions: ['directory:read'] },
  });
  await reader.waitFor(() => reader.events.some((event) => event.type === 'refresh'));
  const { live } = server.app.platform;
  const logs = (deviceId: string, groupPath: readonly string[]): void =>
    live.tell({
      event: { type: 'logs', deviceId, count: 1, highestSeverity: 'info' },
      permission: 'logs:read',
      groupPath,
    });
  logs('elsewhere', ['another']);
  logs('here', [NEW_DEVICES_GROUP_ID]);
  live.tell({ event: { type: 'groups' }, permission: 'directory:read' });
  await reader.waitFor(() => reader.events.some((event) => event.type === 'groups'));
  assert.deepEqual(
    reader.events.flatMap((event) => (event.type === 'logs' ? [event.deviceId] : [])),
    ['here'],
  );
});
