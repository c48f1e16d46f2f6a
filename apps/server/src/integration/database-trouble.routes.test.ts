/** The whole server while its database can only be read: who is told what, what goes on, and that it heals by itself. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import * as contract from '@holdfast/api';
import type { Problem } from '@holdfast/api';
import { mcpPath } from '@holdfast/protocol';
import type { LightMyRequestResponse } from 'fastify';
import { isTransientDatabaseError } from '../platform/database/index.ts';
import { makeReadOnly } from '../platform/database/test-trouble.ts';
import { accessRows, sendRow } from '../testing/access-rows.ts';
import { signInFirstAdministrator } from '../testing/test-administrators.ts';
import type { TestBrowser } from '../testing/test-browser.ts';
import { createEntries, createJournal } from '../testing/test-logs.ts';
import { createWorld, type World } from '../testing/test-matrix-world.ts';
import { createTestToken, TestProduct } from '../testing/test-product.ts';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

let server: TestServer;
let administrator: TestBrowser;
let world: World;
let product: TestProduct;
let token: string;
let endTrouble: () => Promise<void>;

before(async () => {
  server = await startTestServer();
  administrator = await signInFirstAdministrator(server, 'alice');
  world = await createWorld(server, administrator);
  token = await createTestToken(server);
  product = await new TestProduct(server, { name: 'caller' }).join(token);
  // The use of the session would be written down with the next request.
  server.clock.advance(10 * 60_000);
  endTrouble = await makeReadOnly(server.database);
});
after(async () => {
  await endTrouble();
  await server.close();
});

function assertTold(answer: LightMyRequestResponse, what: string): void {
  assert.equal(answer.statusCode, 503, `${what}: ${answer.body}`);
  const { code, retry, remedy } = answer.json<Problem>();
  assert.deepEqual([code, retry], ['DATABASE_READ_ONLY', 'safe'], what);
  assert.ok(remedy !== undefined && Number(answer.headers['retry-after']) > 0, what);
}

test('whoever asks whether the server is ready is told that it takes no changes', async () => {
  const answer = await server.call({ method: 'GET', url: '/readyz' });
  assert.equal(answer.statusCode, 503);
  assert.deepEqual(answer.json(), { status: 'the database takes no changes', code: 'DATABASE_READ_ONLY' });
  assert.equal((await server.call({ method: 'GET', url: '/healthz' })).statusCode, 200);
});

for (const row of accessRows) {
  const { route } = row;
  test(`${route.name} ${route.method === 'GET' ? 'can be read' : 'is answered, or refused for now'}`, async () => {
    const answer = await sendRow(server, row, world, administrator.headers);
    if (route.method === 'GET') assert.equal(answer.statusCode, row.allowed ?? route.status, answer.body);
    else if (answer.statusCode >= 500) assertTold(answer, route.name);
  });
}

test('a change is refused for now', async () => {
  const body = { parentId: world.groupId, name: 'Not now' };
  const url = contract.createGroup.path;
  assertTold(await server.call({ method: 'POST', url, payload: body }, administrator.headers), 'createGroup');
});

test('what a product brings is refused for now and stays with it, and its heartbeats count', async () => {
  const entries = createEntries(1, 2);
  const calls = [
    { method: 'PUT', url: mcpPath.inventory, payload: { collectedAt: 1, facts: { a: 1 } } },
    { method: 'POST', url: mcpPath.logs, payload: { journal: createJournal(), entries } },
    {
      method: 'POST',
      url: mcpPath.commandReports,
      payload: { reports: [{ commandId: randomUUID(), state: 'accepted', at: server.clock.now() }] },
    },
    { method: 'POST', url: mcpPath.commandClaims, payload: { max: 1 } },
  ] as const;
  for (const call of calls) {
    const answer = await server.call(call, product.bearer);
    if (answer.statusCode !== 200) assertTold(answer, call.url);
  }
  assertTold(await new TestProduct(server, { name: 'new' }).register(token), 'a registration');
  assertTold(await product.shakeHands(), 'a handshake');
  assert.equal((await product.heartbeat()).statusCode, 200);
});

test('what the server does by itself waits, and nothing of it fails for another reason', async () => {
  for (const name of server.ticks.names) {
    await server.ticks.run(name).catch((error: unknown) => {
      assert.ok(isTransientDatabaseError(error), `${name}: ${String(error)}`);
    });
  }
  for (const [kind, { schedule }] of server.app.jobs.kinds) {
    // Asked for by people, and refused to them like any other change.
    if (schedule === undefined) continue;
    await server.jobs.run(kind).catch((error: unknown) => {
      assert.ok(isTransientDatabaseError(error), `${kind}: ${String(error)}`);
    });
  }
});

test('once it takes changes again, everything goes on without a restart', async () => {
  await endTrouble();
  await server.database.opened.waitUntilReady();
  // The answer of the last question counts for a second.
  server.clock.advance(1_000);
  assert.equal((await server.call({ method: 'GET', url: '/readyz' })).body, '{"status":"ready"}');
  await administrator.call(contract.createGroup, { body: { parentId: world.groupId, name: 'Now' } });
  assert.equal((await product.shakeHands()).statusCode, 200);
  for (const name of server.ticks.names) await server.ticks.run(name);
  await server.jobs.run('audit.verify');
});
