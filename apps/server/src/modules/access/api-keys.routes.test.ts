import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import {
  createApiKey,
  getCurrentSession,
  listAdministrators,
  listApiKeys,
  type Permission,
  permissions,
  revokeApiKey,
} from '@holdfast/api';
import { forgetAccounts, signInFirstAdministrator } from '../../testing/test-administrators.ts';
import { assertRefused, send, type TestBrowser } from '../../testing/test-browser.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
let first: TestBrowser;
before(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  await forgetAccounts(server);
  first = await signInFirstAdministrator(server, 'alice');
});
after(() => server.close());

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

test('a key is shown once, known by its prefix, and may exactly what it was given', async () => {
  const { apiKey, key } = await first.call(createApiKey, {
    body: { name: 'Inventory export', permissions: ['directory:read'] },
  });
  assert.ok(key.startsWith(`${apiKey.prefix}_`));
  const session = (await send(server, getCurrentSession, {}, bearer(key))).json();
  assert.deepEqual(
    {
      kind: session.kind,
      name: session.name,
      permissions: session.permissions,
      csrfToken: session.csrfToken,
    },
    { kind: 'api-key', name: 'Inventory export', permissions: ['directory:read'], csrfToken: null },
  );
  assertRefused(await send(server, listAdministrators, {}, bearer(key)), 403, 'PERMISSION_DENIED');
  const stored = JSON.stringify(await server.database.db.selectFrom('api_key').selectAll().execute());
  assert.ok(!stored.includes(key.slice(13)));
  assert.ok(!JSON.stringify(await first.call(listApiKeys)).includes(key.slice(13)));
});

test('a revoked key is refused at the next request', async () => {
  const { apiKey, key } = await first.call(createApiKey, {
    body: { name: 'x', permissions: ['directory:read'] },
  });
  await first.call(revokeApiKey, { params: { apiKeyId: apiKey.id } });
  assertRefused(await send(server, getCurrentSession, {}, bearer(key)), 401, 'NOT_SIGNED_IN');
  assertRefused(await first.send(revokeApiKey, { params: { apiKeyId: apiKey.id } }), 404, 'NOT_FOUND');
});

test('a key ends at its time', async () => {
  const { key } = await first.call(createApiKey, {
    body: { name: 'x', permissions: ['directory:read'], expiresInMs: 60_000 },
  });
  server.clock.advance(59_999);
  assert.equal((await send(server, getCurrentSession, {}, bearer(key))).statusCode, 200);
  server.clock.advance(1);
  assertRefused(await send(server, getCurrentSession, {}, bearer(key)), 401, 'NOT_SIGNED_IN');
});

test('a key that makes keys gives none of what it lacks, and its keys end with the account behind it', async () => {
  const own: Permission[] = ['administrators:read', 'administrators:manage', 'directory:read'];
  const { key } = await first.call(createApiKey, { body: { name: 'maker', permissions: own } });
  const more = await send(
    server,
    createApiKey,
    { body: { name: 'x', permissions: [...permissions] } },
    bearer(key),
  );
  const problem = assertRefused(more, 403, 'API_KEY_PERMISSION_EXCEEDED');
  assert.match(JSON.stringify(problem.facts), /commands:issue/);
  const child = await send(
    server,
    createApiKey,
    { body: { name: 'child', permissions: ['directory:read'] } },
    bearer(key),
  );
  assert.equal(child.statusCode, 201, child.body);
  const owners = await server.database.db.selectFrom('api_key').select('owner_id').distinct().execute();
  assert.equal(owners.length, 1);
});

test('a key that ends makes none that outlives it', async () => {
  const { key } = await first.call(createApiKey, {
    body: { name: 'maker', permissions: ['administrators:manage'], expiresInMs: 120_000 },
  });
  const make = (expiresInMs?: number) =>
    send(
      server,
      createApiKey,
      {
        body: {
          name: 'x',
          permissions: ['administrators:manage'],
          ...(expiresInMs === undefined ? {} : { expiresInMs }),
        },
      },
      bearer(key),
    );
  assertRefused(await make(), 403, 'API_KEY_LIFETIME_EXCEEDED');
  assertRefused(await make(120_001), 403, 'API_KEY_LIFETIME_EXCEEDED');
  assert.equal((await make(120_000)).statusCode, 201);
  server.clock.advance(1_000);
  assertRefused(await make(119_001), 403, 'API_KEY_LIFETIME_EXCEEDED');
});

test('a key loses what the account behind it has lost', async () => {
  const { key } = await first.call(createApiKey, {
    body: { name: 'x', permissions: ['directory:read', 'commands:issue'] },
  });
  await server.database.db.updateTable('administrator').set({ role: 'auditor' }).execute();
  const session = (await send(server, getCurrentSession, {}, bearer(key))).json();
  assert.deepEqual(session.permissions, ['directory:read']);
});

test('a key is limited only to a group that there is, and then carries no permission about the whole organisation', async () => {
  const unknown = await first.send(createApiKey, {
    body: {
      name: 'x',
      permissions: ['directory:read'],
      scopeGroupId: '019aa000-0000-7000-8000-000000000001',
    },
  });
  assertRefused(unknown, 422, 'API_KEY_GROUP_UNKNOWN');
});

test('who is limited to a group manages no administrators and no keys, whatever permissions it has', async () => {
  const limited = server.actAs({ scope: new Set(['019aa000-0000-7000-8000-000000000001']) });
  assertRefused(await send(server, listApiKeys, {}, limited), 403, 'PERMISSION_DENIED');
  assertRefused(await send(server, listAdministrators, {}, limited), 403, 'PERMISSION_DENIED');
  const make = await send(
    server,
    createApiKey,
    { body: { name: 'x', permissions: ['directory:read'] } },
    limited,
  );
  assertRefused(make, 403, 'PERMISSION_DENIED');
});

test('the last use of a key is written in batches', async () => {
  const { key } = await first.call(createApiKey, { body: { name: 'x', permissions: ['directory:read'] } });
  server.clock.advance(10_000);
  await send(server, getCurrentSession, {}, bearer(key));
  assert.equal((await first.call(listApiKeys)).apiKeys[0]?.lastUsedAt, null);
  await server.jobs.run('access.key-uses');
  const [apiKey] = (await first.call(listApiKeys)).apiKeys;
  assert.equal(apiKey?.lastUsedAt, new Date(server.clock.now()).toISOString());
});

test('a damaged, a foreign and an empty key prove nobody', async () => {
  const { key } = await first.call(createApiKey, { body: { name: 'x', permissions: ['directory:read'] } });
  for (const wrong of [key.slice(0, -1), `${key.slice(0, -1)}A`, key.toUpperCase(), 'hfk_', "' or 1=1 --"]) {
    const answer = await send(server, getCurrentSession, {}, bearer(wrong));
    // The last character may have been an A already; every other change is refused.
    if (wrong !== key) assertRefused(answer, 401, 'NOT_SIGNED_IN');
  }
});
