import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, beforeEach, test } from 'node:test';
import {
  type ApiKey,
  changeRole,
  createApiKey,
  createRole,
  deleteRole,
  getCurrentSession,
  giveGrant,
  inviteAdministrator,
  listAdministrators,
  listApiKeys,
  listAuditEntries,
  type Permission,
  permissions,
  planGroupRemoval,
  purgeRecycled,
  removeGroup,
  revokeApiKey,
  setAdministratorState,
  signIn,
  takeGrant,
} from '@holdfast/api';
import {
  everywhere,
  forgetAccounts,
  GOOD_PASSWORD,
  signInFirstAdministrator,
  signInInvited,
} from '../../testing/test-administrators.ts';
import { assertRefused, send, type TestBrowser } from '../../testing/test-browser.ts';
import { makeTestGroup } from '../../testing/test-group.ts';
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

test('a key whose group was removed for good is shown as such, and one whose group can come back is not', async () => {
  const [kept, purged] = [await makeTestGroup(server), await makeTestGroup(server)];
  const names = new Map([
    [kept, 'for a group in the bin'],
    [purged, 'for a group that is gone'],
  ]);
  for (const [scopeGroupId, name] of names) {
    await first.call(createApiKey, { body: { name, permissions: ['directory:read'], scopeGroupId } });
    const params = { groupId: scopeGroupId };
    const { planToken } = await first.call(planGroupRemoval, { params });
    const item = await first.call(removeGroup, { params, body: { planToken } });
    if (scopeGroupId === purged) await first.call(purgeRecycled, { params: { itemId: item.id } });
  }
  const { apiKeys } = await first.call(listApiKeys);
  assert.deepEqual(
    new Map(apiKeys.map(({ name, isScopeGone }) => [name, isScopeGone])),
    new Map([
      ['for a group that is gone', true],
      ['for a group in the bin', false],
    ]),
  );
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
  const bob = await signInInvited(server, first, 'bob');
  const { key } = await bob.call(createApiKey, {
    body: { name: 'x', permissions: ['directory:read', 'commands:issue'] },
  });
  const { id: administratorId, roles } = await bob.call(getCurrentSession);
  await first.call(giveGrant, { params: { administratorId }, body: everywhere('auditor') });
  await first.call(takeGrant, { params: { administratorId, grantId: roles[0]?.id ?? '' } });
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
  await server.ticks.run('access.key-uses');
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

test('revoking a key revokes what was made with it and with that, and nothing else', async () => {
  const may: Permission[] = ['administrators:read', 'administrators:manage'];
  const make = async (name: string, maker?: string) => {
    const body = { name, permissions: may };
    const answer = await (maker === undefined
      ? first.send(createApiKey, { body })
      : send(server, createApiKey, { body }, bearer(maker)));
    assert.equal(answer.statusCode, 201, answer.body);
    server.clock.advance(1_000);
    return answer.json<{ apiKey: ApiKey; key: string }>();
  };
  const root = await make('root');
  const other = await make('other');
  const child = await make('child', root.key);
  const grandchild = await make('grandchild', child.key);
  const cousin = await make('cousin', other.key);
  const { apiKeys } = await first.call(listApiKeys);
  assert.deepEqual(
    apiKeys.map((key) => [key.name, key.madeKeyCount]),
    [
      ['cousin', 0],
      ['grandchild', 0],
      ['child', 1],
      ['other', 1],
      ['root', 2],
    ],
  );
  const answer = await first.call(revokeApiKey, { params: { apiKeyId: root.apiKey.id } });
  assert.deepEqual(answer, { revokedCount: 3 });
  for (const { key } of [root, child, grandchild]) {
    assertRefused(await send(server, getCurrentSession, {}, bearer(key)), 401, 'NOT_SIGNED_IN');
  }
  for (const { key } of [other, cousin]) {
    assert.equal((await send(server, getCurrentSession, {}, bearer(key))).statusCode, 200);
  }
  const { entries } = await first.call(listAuditEntries, { query: { action: 'api-key.revoked', limit: 3 } });
  assert.deepEqual(
    entries.map((entry) => [entry.objectName, entry.details]),
    [
      ['grandchild', { madeWith: { id: root.apiKey.id, name: 'root' } }],
      ['child', { madeWith: { id: root.apiKey.id, name: 'root' } }],
      ['root', { revokedKeys: 3 }],
    ],
  );
});

test('a key that is made while its maker is being revoked does not stay', async () => {
  const own: Permission[] = ['administrators:manage'];
  for (let round = 0; round < 5; round += 1) {
    const { apiKey, key } = await first.call(createApiKey, { body: { name: 'maker', permissions: own } });
    const [made] = await Promise.all([
      send(server, createApiKey, { body: { name: 'child', permissions: own } }, bearer(key)),
      first.call(revokeApiKey, { params: { apiKeyId: apiKey.id } }),
    ]);
    assert.ok([201, 401].includes(made.statusCode), made.body);
    assert.deepEqual((await first.call(listApiKeys)).apiKeys, []);
  }
});

test('pages of keys follow each other without gap or repetition, also among keys of one moment', async () => {
  const wanted: string[] = [];
  for (let index = 0; index < 7; index += 1) {
    await first.call(createApiKey, { body: { name: `key ${index}`, permissions: ['directory:read'] } });
    wanted.push(`key ${index}`);
    if (index % 3 === 2) server.clock.advance(1_000);
  }
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: 2, ...(cursor === undefined ? {} : { cursor }) };
    const page = await first.call(listApiKeys, { query });
    assert.ok(page.apiKeys.length <= 2);
    names.push(...page.apiKeys.map((key) => key.name));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  assert.deepEqual(names.toSorted(), wanted);
  assert.equal(names[0], 'key 6', 'the newest comes first');
  const id = '019aa000-0000-7000-8000-000000000001';
  for (const place of [[], [12, 'x'], [9e17, id], [-1, id], [12, id, 1]]) {
    const query = { cursor: Buffer.from(JSON.stringify(['API keys', ...place])).toString('base64url') };
    assertRefused(await first.send(listApiKeys, { query }), 400, 'CURSOR_INVALID');
  }
});

test('a key hands out nothing that would outlive it, and takes away what it may', async () => {
  const bob = await signInInvited(server, first, 'bob', 'auditor');
  const { id: administratorId, roles } = await bob.call(getCurrentSession);
  const role = await first.call(createRole, {
    body: { name: 'Reader', description: '', permissions: ['directory:read'] },
  });
  const body = { name: 'k', permissions: [...permissions], expiresInMs: 3_600_000 };
  const { key } = await first.call(createApiKey, { body });
  const as = bearer(key);
  const state = (value: 'active' | 'disabled') =>
    send(server, setAdministratorState, { params: { administratorId }, body: { state: value } }, as);
  const roleBody = { name: 'Other', description: '', permissions: ['directory:read' as const] };
  const answers = [
    await send(
      server,
      inviteAdministrator,
      { body: { name: 'eve', displayName: 'Eve', grants: [everywhere('auditor')] } },
      as,
    ),
    await send(server, giveGrant, { params: { administratorId }, body: everywhere('auditor') }, as),
    await send(server, createRole, { body: roleBody }, as),
    await send(
      server,
      changeRole,
      { params: { roleId: role.id }, body: { ...roleBody, revision: role.revision } },
      as,
    ),
  ];
  for (const answer of answers) {
    assert.match(assertRefused(answer, 403, 'SESSION_NEEDED').remedy ?? '', /Sign in to the console/);
  }
  const grantId = roles[0]?.id ?? '';
  assert.equal((await send(server, takeGrant, { params: { administratorId, grantId } }, as)).statusCode, 200);
  assert.equal((await send(server, deleteRole, { params: { roleId: role.id } }, as)).statusCode, 200);
  assert.equal((await state('disabled')).statusCode, 200);
  assertRefused(await state('active'), 403, 'SESSION_NEEDED');
  // One without an end outlives what it hands out.
  const endless = await first.call(createApiKey, { body: { name: 'e', permissions: [...permissions] } });
  const enable = { params: { administratorId }, body: { state: 'active' as const } };
  assert.equal((await send(server, setAdministratorState, enable, bearer(endless.key))).statusCode, 200);
});

/** Keys as they could stand in the database, each made by the one before or all by the first. */
async function storeKeys(count: number, makers: 'the one before' | 'nobody'): Promise<void> {
  const { id: ownerId } = await first.call(getCurrentSession);
  const idOf = (index: number) => `019aa000-0000-7000-8000-${String(index).padStart(12, '0')}`;
  const rows = Array.from({ length: count }, (_, index) => ({
    id: idOf(index),
    name: `stored ${index}`,
    prefix: `hfk_${String(index).padStart(8, '0')}`,
    key_hash: createHash('sha256').update(String(index)).digest(),
    permissions: ['administrators:manage' as const],
    scope_group_id: null,
    owner_id: ownerId,
    made_by_key_id: makers === 'nobody' || index === 0 ? null : idOf(index - 1),
    created_at: new Date(server.clock.now() + index),
    created_by: 'test',
    expires_at: null,
    last_used_at: null,
  }));
  await server.database.db.insertInto('api_key').values(rows).execute();
}

test('an account has so many keys and no more; those that expired a week ago are gone', async () => {
  await storeKeys(199, 'nobody');
  const body = { name: 'last', permissions: ['directory:read' as const], expiresInMs: 60_000 };
  await first.call(createApiKey, { body });
  const refused = await first.send(createApiKey, { body });
  assert.deepEqual(assertRefused(refused, 409, 'API_KEY_LIMIT_REACHED').facts, { maxKeys: 200 });
  server.clock.advance(60_000 + 7 * 86_400_000 + 1);
  await server.jobs.run('prune');
  await first.call(signIn, { body: { name: 'alice', password: GOOD_PASSWORD } });
  await first.call(createApiKey, { body });
});

test('keys make keys that make keys, to a depth', async () => {
  const body = { name: 'x', permissions: ['administrators:manage' as const] };
  let { key } = await first.call(createApiKey, { body });
  for (let depth = 2; depth <= 8; depth += 1) {
    const answer = await send(server, createApiKey, { body }, bearer(key));
    assert.equal(answer.statusCode, 201, answer.body);
    key = answer.json<{ key: string }>().key;
  }
  assertRefused(await send(server, createApiKey, { body }, bearer(key)), 409, 'API_KEY_DESCENT_TOO_LONG');
});

test('a family that an older release let grow is listed and revoked before the statements take too long', async () => {
  await storeKeys(600, 'the one before');
  const { apiKeys } = await first.call(listApiKeys, { query: { limit: 500 } });
  assert.equal(apiKeys.length, 500);
  assert.deepEqual([apiKeys[0]?.madeKeyCount, apiKeys[499]?.madeKeyCount], [0, 499]);
  const root = '019aa000-0000-7000-8000-000000000000';
  assert.deepEqual(await first.call(revokeApiKey, { params: { apiKeyId: root } }), { revokedCount: 600 });
  const { entries } = await first.call(listAuditEntries, { query: { action: 'api-key.revoked', limit: 1 } });
  assert.deepEqual(entries[0]?.details, { madeWith: { id: root, name: 'stored 0' } });
});
