import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import {
  createApiKey,
  createRole,
  getCurrentSession,
  inviteAdministrator,
  listAdministrators,
  listAuditEntries,
  setAdministratorState,
  signIn,
} from '@holdfast/api';
import { sql } from 'kysely';
import {
  everywhere,
  forgetAccounts,
  GOOD_PASSWORD,
  signInFirstAdministrator,
  signInInvited,
} from '../../testing/test-administrators.ts';
import { assertRefused, send, type TestBrowser } from '../../testing/test-browser.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
let first: TestBrowser;
let firstId: string;
before(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  await forgetAccounts(server);
  first = await signInFirstAdministrator(server, 'alice');
  firstId = (await first.call(getCurrentSession)).id;
});
after(() => server.close());

async function idOf(browser: TestBrowser): Promise<string> {
  return (await browser.call(getCurrentSession)).id;
}

test('administrators are listed by name with their state', async () => {
  await first.call(inviteAdministrator, {
    body: { name: 'Bob', displayName: 'Bob B.', grants: [everywhere('auditor')] },
  });
  const { administrators } = await first.call(listAdministrators);
  assert.deepEqual(
    administrators.map((one) => [
      one.name,
      one.displayName,
      one.grants.map((grant) => [grant.roleName, grant.groupId]),
      one.state,
      one.lastSignInAt !== null,
    ]),
    [
      ['alice', 'First Person', [['Enterprise Administrator', null]], 'active', true],
      ['Bob', 'Bob B.', [['Auditor', null]], 'invited', false],
    ],
  );
});

test('a name belongs to one administrator, whatever its case', async () => {
  const body = { name: 'ALICE', displayName: 'Another', grants: [everywhere('auditor')] };
  assertRefused(await first.send(inviteAdministrator, { body }), 409, 'ADMINISTRATOR_NAME_TAKEN');
});

test('of many invitations for one name at once, all lead to one account', async () => {
  const body = { name: 'bob', displayName: 'Bob', grants: [everywhere('auditor')] };
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => first.send(inviteAdministrator, { body })),
  );
  assert.deepEqual([...new Set(answers.map((answer) => answer.statusCode))], [201]);
  assert.equal((await first.call(listAdministrators)).administrators.length, 2);
  const links = await server.database.db
    .selectFrom('one_time_link')
    .where('kind', '=', 'invitation')
    .selectAll()
    .execute();
  assert.equal(links.length, 1);
});

test('disabling an administrator ends sessions and API keys at once; enabling lets sign in again', async () => {
  const bob = await signInInvited(server, first, 'bob');
  const { key } = await bob.call(createApiKey, { body: { name: 'script', permissions: ['directory:read'] } });
  const byKey = { authorization: `Bearer ${key}` };
  assert.equal((await send(server, getCurrentSession, {}, byKey)).statusCode, 200);
  const params = { administratorId: await idOf(bob) };
  const disabled = await first.call(setAdministratorState, { params, body: { state: 'disabled' } });
  assert.equal(disabled.state, 'disabled');
  assertRefused(await bob.send(getCurrentSession), 401, 'SESSION_EXPIRED');
  assertRefused(await send(server, getCurrentSession, {}, byKey), 401, 'NOT_SIGNED_IN');
  assertRefused(
    await bob.send(signIn, { body: { name: 'bob', password: GOOD_PASSWORD } }),
    401,
    'SIGN_IN_REFUSED',
  );
  await first.call(setAdministratorState, { params, body: { state: 'active' } });
  assert.equal((await bob.send(signIn, { body: { name: 'bob', password: GOOD_PASSWORD } })).statusCode, 201);
  assertRefused(await send(server, getCurrentSession, {}, byKey), 401, 'NOT_SIGNED_IN');
});

test('an invitation names the addresses that the server knows of itself, whatever the caller called it by', async () => {
  const answer = await server.call(
    {
      method: 'POST',
      url: inviteAdministrator.path,
      payload: { name: 'frida', displayName: 'Frida', grants: [everywhere('auditor')] },
    },
    { ...first.headers, host: 'evil.example', 'x-forwarded-host': 'evil.example' },
  );
  const { link, addresses } = answer.json<{ link: string; addresses: string[] }>();
  assert.deepEqual(addresses, ['https://test-server:8443', 'https://localhost:8443'], answer.body);
  assert.ok(link.startsWith('https://test-server:8443/invitation#'), link);
});

test('an account that never chose a password is invited again when it is enabled', async () => {
  const { administrator } = await first.call(inviteAdministrator, {
    body: { name: 'bob', displayName: 'Bob', grants: [everywhere('auditor')] },
  });
  const params = { administratorId: administrator.id };
  await first.call(setAdministratorState, { params, body: { state: 'disabled' } });
  const enabled = await first.call(setAdministratorState, { params, body: { state: 'active' } });
  assert.equal(enabled.state, 'invited');
});

test('the last active enterprise administrator cannot be disabled', async () => {
  await signInInvited(server, first, 'bob', 'auditor');
  await first.call(inviteAdministrator, {
    body: { name: 'carol', displayName: 'Carol', grants: [everywhere('enterpriseAdministrator')] },
  });
  const answer = await first.send(setAdministratorState, {
    params: { administratorId: firstId },
    body: { state: 'disabled' },
  });
  assertRefused(answer, 409, 'LAST_ENTERPRISE_ADMINISTRATOR');
});

test('two who disable each other at the same time leave one behind', async () => {
  for (let round = 0; round < 5; round += 1) {
    const bob = await signInInvited(server, first, `bob${round}`);
    const bobId = await idOf(bob);
    const disable = async (by: TestBrowser, administratorId: string) =>
      await by.send(setAdministratorState, { params: { administratorId }, body: { state: 'disabled' } });
    const answers = await Promise.all([disable(first, bobId), disable(bob, firstId)]);
    assert.ok(answers.some((answer) => answer.statusCode === 200));
    assert.ok(answers.some((answer) => answer.statusCode !== 200));
    const active = await server.database.db
      .selectFrom('administrator')
      .select('id')
      .where('state', '=', 'active')
      .execute();
    assert.equal(active.length, 1);
    if (active[0]?.id === bobId) {
      await bob.call(setAdministratorState, {
        params: { administratorId: firstId },
        body: { state: 'active' },
      });
      await first.call(signIn, { body: { name: 'alice', password: GOOD_PASSWORD } });
      await first.call(setAdministratorState, {
        params: { administratorId: bobId },
        body: { state: 'disabled' },
      });
    }
  }
});

test('nobody hands out more than they have: not by an invitation, not by enabling', async () => {
  const bob = await signInInvited(server, first, 'bob');
  const bobId = await idOf(bob);
  await server.database.db.deleteFrom('access_role').where('is_built_in', '=', false).execute();
  const { id: roleId } = await first.call(createRole, {
    body: {
      name: 'Account manager',
      description: '',
      permissions: ['administrators:read', 'administrators:manage'],
    },
  });
  const manager = await signInInvited(server, first, 'manager', { roleId, groupId: null });
  const invite = await manager.send(inviteAdministrator, {
    body: { name: 'mallory', displayName: 'M', grants: [everywhere('enterpriseAdministrator')] },
  });
  assertRefused(invite, 403, 'ADMINISTRATOR_ROLE_EXCEEDS_OWN');
  const params = { administratorId: bobId };
  await first.call(setAdministratorState, { params, body: { state: 'disabled' } });
  const enable = await manager.send(setAdministratorState, { params, body: { state: 'active' } });
  assertRefused(enable, 403, 'ADMINISTRATOR_ROLE_EXCEEDS_OWN');
});

test('an unknown administrator is not found, and repeating a state changes nothing', async () => {
  const unknown = '019aa000-0000-7000-8000-000000000001';
  const answer = await first.send(setAdministratorState, {
    params: { administratorId: unknown },
    body: { state: 'disabled' },
  });
  assertRefused(answer, 404, 'NOT_FOUND');
  await first.call(setAdministratorState, {
    params: { administratorId: firstId },
    body: { state: 'active' },
  });
  const { entries } = await first.call(listAuditEntries, {
    query: { action: 'administrator.enabled', from: new Date(server.clock.now()).toISOString() },
  });
  assert.deepEqual(entries, []);
});

test('however many accounts come before it, an administrator is listed', async () => {
  await first.call(inviteAdministrator, {
    body: { name: 'zz', displayName: 'Hidden', grants: [everywhere('enterpriseAdministrator')] },
  });
  await sql`insert into administrator (id, name, name_key, display_name, state, created_at)
    select gen_random_uuid(), 'b' || i, 'b' || i, 'x', 'invited', now() from generate_series(1, 2000) i
  `.execute(server.database.db);
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: 450, ...(cursor === undefined ? {} : { cursor }) };
    const page = await first.call(listAdministrators, { query });
    assert.ok(page.administrators.length <= 450);
    names.push(...page.administrators.map(({ name }) => name));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  assert.equal(new Set(names).size, 2_002);
  assert.equal(names.length, 2_002);
  assert.deepEqual([names.at(0), names.at(-1)], ['alice', 'zz']);
  for (const key of ['a\0', 'x'.repeat(401), 1, null]) {
    const query = { cursor: Buffer.from(JSON.stringify(['administrators', key])).toString('base64url') };
    assertRefused(await first.send(listAdministrators, { query }), 400, 'CURSOR_INVALID');
  }
});
