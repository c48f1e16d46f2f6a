import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import {
  acceptInvitation,
  createFirstAdministrator,
  getCurrentSession,
  getInvitation,
  getSetup,
  getSetupLink,
  inviteAdministrator,
  permissions,
  listAuditEntries,
  setAdministratorState,
} from '@holdfast/api';
import {
  everywhere,
  forgetAccounts,
  GOOD_PASSWORD,
  secretOf,
  signInFirstAdministrator,
} from '../../testing/test-administrators.ts';
import { assertRefused, send, TestBrowser } from '../../testing/test-browser.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
beforeEach(() => forgetAccounts(server));
after(() => server.close());

const account = { name: 'Alice.Example', password: GOOD_PASSWORD };

async function newSecret(): Promise<string> {
  return secretOf((await server.app.modules.createSetupLink())?.address ?? '');
}

test('the set-up link creates the first administrator, signs in, and the need is over', async () => {
  const browser = new TestBrowser(server);
  assert.deepEqual(await browser.call(getSetup), { isNeeded: true, serverName: 'test-server' });
  const answer = await browser.send(createFirstAdministrator, {
    body: { secret: await newSecret(), ...account },
  });
  assert.equal(answer.statusCode, 201, answer.body);
  const [cookie] = answer.cookies;
  assert.deepEqual(
    {
      name: cookie?.name,
      secure: cookie?.secure,
      httpOnly: cookie?.httpOnly,
      sameSite: cookie?.sameSite,
      path: cookie?.path,
    },
    { name: '__Host-holdfast', secure: true, httpOnly: true, sameSite: 'Strict', path: '/' },
  );
  const session = await browser.call(getCurrentSession);
  assert.equal(session.name, 'Alice.Example');
  assert.deepEqual(session.grants, [{ permissions: [...permissions], groupId: null }]);
  assert.equal((await browser.call(getSetup)).isNeeded, false);
  assert.equal(await server.app.modules.createSetupLink(), undefined);
});

test('whoever holds a set-up link learns until when it can be used; a wrong, an old and a used one are refused', async () => {
  const lookUp = async (secret: string) => await send(server, getSetupLink, { body: { secret } });
  const old = await newSecret();
  const secret = await newSecret();
  assertRefused(await lookUp(old), 404, 'ONE_TIME_LINK_INVALID');
  assertRefused(await lookUp('x'.repeat(43)), 404, 'ONE_TIME_LINK_INVALID');
  const answer = await lookUp(secret);
  assert.equal(answer.statusCode, 200, answer.body);
  const { expiresAt } = answer.json<{ expiresAt: string }>();
  assert.equal(Date.parse(expiresAt) - server.clock.now(), 3_600_000);
  const created = await send(server, createFirstAdministrator, { body: { secret, ...account } });
  assert.equal(created.statusCode, 201, 'it can be used after it was looked up');
  assertRefused(await lookUp(secret), 410, 'ONE_TIME_LINK_USED');
});

test('neither the secret of a link nor a session nor a password is stored or written to the audit log', async () => {
  const secret = await newSecret();
  const browser = new TestBrowser(server);
  await browser.call(createFirstAdministrator, { body: { secret, ...account } });
  const { db } = server.database;
  await server.ticks.run('audit.chain');
  const stored = JSON.stringify([
    await db.selectFrom('one_time_link').selectAll().execute(),
    await db.selectFrom('session').selectAll().execute(),
    await db.selectFrom('administrator').selectAll().execute(),
    await db.selectFrom('audit_entry').selectAll().execute(),
  ]);
  for (const text of [secret, browser.cookie ?? 'no cookie', GOOD_PASSWORD]) {
    assert.ok(!stored.includes(text));
    assert.ok(!stored.includes(Buffer.from(text).toString('hex')));
  }
});

test('a set-up link works once', async () => {
  const secret = await newSecret();
  assert.equal(
    (await send(server, createFirstAdministrator, { body: { secret, ...account } })).statusCode,
    201,
  );
  const again = await send(server, createFirstAdministrator, {
    body: { secret, ...account, name: 'second' },
  });
  assertRefused(again, 410, 'ONE_TIME_LINK_USED');
});

test('a set-up link works for an hour', async () => {
  const secret = await newSecret();
  server.clock.advance(3_600_000);
  const late = await send(server, createFirstAdministrator, { body: { secret, ...account } });
  assertRefused(late, 410, 'ONE_TIME_LINK_EXPIRED');
});

test('a second set-up link ends the first', async () => {
  const [first, second] = [await newSecret(), await newSecret()];
  const refused = await send(server, createFirstAdministrator, { body: { secret: first, ...account } });
  assertRefused(refused, 404, 'ONE_TIME_LINK_INVALID');
  const answer = await send(server, createFirstAdministrator, { body: { secret: second, ...account } });
  assert.equal(answer.statusCode, 201);
});

test('a set-up link that was made before the first administrator is worth nothing after', async () => {
  const secret = await newSecret();
  await server.database.db
    .insertInto('administrator')
    .values({
      id: '019aa000-0000-7000-8000-000000000001',
      name: 'first',
      name_key: 'first',
      display_name: 'First',
      state: 'active',
      password_verifier: 'x',
      created_at: new Date(server.clock.now()),
      password_changed_at: null,
      last_sign_in_at: null,
    })
    .execute();
  const answer = await send(server, createFirstAdministrator, { body: { secret, ...account } });
  assertRefused(answer, 409, 'SETUP_ALREADY_DONE');
});

test('of many who create the first administrator at once, one wins', async () => {
  const secret = await newSecret();
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      send(server, createFirstAdministrator, { body: { ...account, secret, name: `person${index}` } }),
    ),
  );
  const statuses = answers.map((answer) => answer.statusCode).sort((first, second) => first - second);
  assert.deepEqual(statuses.slice(0, 1), [201]);
  assert.ok(
    statuses.slice(1).every((status) => status === 409 || status === 410),
    statuses.join(' '),
  );
  const rows = await server.database.db.selectFrom('administrator').select('id').execute();
  assert.equal(rows.length, 1);
});

test('two different links at once make one administrator too', async () => {
  const first = await newSecret();
  await server.database.db
    .updateTable('one_time_link')
    .set({ used_at: new Date(0) })
    .execute();
  const second = await newSecret();
  await server.database.db.updateTable('one_time_link').set({ used_at: null }).execute();
  const answers = await Promise.all(
    [first, second].map((secret, index) =>
      send(server, createFirstAdministrator, { body: { ...account, secret, name: `person${index}` } }),
    ),
  );
  assert.deepEqual(
    answers.map((answer) => answer.statusCode).sort((first, second) => first - second),
    [201, 409],
  );
});

test('a weak password is refused with hints and leaves the link unused', async () => {
  const secret = await newSecret();
  const weak = await send(server, createFirstAdministrator, {
    body: { ...account, secret, password: 'Password2026!' },
  });
  const problem = assertRefused(weak, 422, 'PASSWORD_TOO_WEAK');
  assert.match(JSON.stringify(problem.facts), /easy to guess/);
  const good = await send(server, createFirstAdministrator, { body: { secret, ...account } });
  assert.equal(good.statusCode, 201);
});

test('a guessed secret and a secret of another kind of link open nothing', async () => {
  const body = { ...account, secret: 'A'.repeat(43) };
  assertRefused(await send(server, createFirstAdministrator, { body }), 404, 'ONE_TIME_LINK_INVALID');
  const short = { ...account, secret: 'A'.repeat(20) };
  assertRefused(await send(server, createFirstAdministrator, { body: short }), 404, 'ONE_TIME_LINK_INVALID');
  const setUp = await newSecret();
  assertRefused(await send(server, getInvitation, { body: { secret: setUp } }), 404, 'ONE_TIME_LINK_INVALID');
  const accept = await send(server, acceptInvitation, { body: { secret: setUp, password: GOOD_PASSWORD } });
  assertRefused(accept, 404, 'ONE_TIME_LINK_INVALID');
});

test('an invited administrator looks the invitation up, accepts it once, and is signed in', async () => {
  const first = await signInFirstAdministrator(server);
  const invitation = await first.call(inviteAdministrator, {
    body: { name: 'bob', displayName: 'Bob', grants: [everywhere('auditor')] },
  });
  assert.equal(invitation.administrator.state, 'invited');
  assert.match(invitation.link, /^https:\/\/test-server:8443\/invitation#[A-Za-z0-9_-]{43}$/);
  const secret = secretOf(invitation.link);
  const bob = new TestBrowser(server);
  assert.deepEqual(await bob.call(getInvitation, { body: { secret } }), {
    name: 'bob',
    displayName: 'Bob',
    expiresAt: invitation.expiresAt,
  });
  const session = await bob.call(acceptInvitation, { body: { secret, password: GOOD_PASSWORD } });
  assert.ok(!session.permissions.includes('directory:edit'));
  const again = await send(server, acceptInvitation, { body: { secret, password: GOOD_PASSWORD } });
  assertRefused(again, 410, 'ONE_TIME_LINK_USED');
});

test('an invitation ends after a day, with a newer one, and when the account is disabled', async () => {
  const first = await signInFirstAdministrator(server);
  const body = { name: 'bob', displayName: 'Bob', grants: [everywhere('auditor')] };
  const old = await first.call(inviteAdministrator, { body });
  const newer = await first.call(inviteAdministrator, { body: { ...body, name: 'BOB' } });
  assert.equal(newer.administrator.id, old.administrator.id, 'the same account');
  const lookUp = async (link: string) =>
    await send(server, getInvitation, { body: { secret: secretOf(link) } });
  assertRefused(await lookUp(old.link), 404, 'ONE_TIME_LINK_INVALID');
  assert.equal((await lookUp(newer.link)).statusCode, 200);
  await first.call(setAdministratorState, {
    params: { administratorId: newer.administrator.id },
    body: { state: 'disabled' },
  });
  assertRefused(await lookUp(newer.link), 404, 'ONE_TIME_LINK_INVALID');
  const third = await first.call(inviteAdministrator, { body: { ...body, name: 'carol' } });
  server.clock.advance(86_400_000);
  assertRefused(await lookUp(third.link), 410, 'ONE_TIME_LINK_EXPIRED');
});

test('what the links opened stands in the audit log', async () => {
  const first = await signInFirstAdministrator(server, 'alice');
  const { entries } = await first.call(listAuditEntries, {
    query: { from: new Date(server.clock.now()).toISOString() },
  });
  assert.deepEqual(
    entries.map((entry) => [entry.action, entry.actorName, entry.objectName]),
    [
      ['administrator.created', 'alice', 'alice'],
      ['setup-link.issued', 'Holdfast', 'set-up link'],
    ],
  );
});
