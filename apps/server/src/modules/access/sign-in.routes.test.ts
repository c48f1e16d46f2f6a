import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import {
  changeOwnPassword,
  getCurrentSession,
  listAuditEntries,
  listSessions,
  revokeSession,
  setAdministratorState,
  signIn,
  signOut,
} from '@holdfast/api';
import {
  forgetAccounts,
  GOOD_PASSWORD,
  signInFirstAdministrator,
  signInInvited,
} from '../../testing/test-administrators.ts';
import { assertRefused, send, TestBrowser } from '../../testing/test-browser.ts';
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

const right = { name: 'alice', password: GOOD_PASSWORD };
const wrong = { name: 'alice', password: 'not the password' };

test('names are compared without case, and each sign-in is a session of its own', async () => {
  const browser = new TestBrowser(server);
  const session = await browser.call(signIn, { body: { ...right, name: 'ALICE' } });
  assert.equal(session.name, 'alice');
  assert.notEqual(browser.cookie, first.cookie);
  assert.equal((await first.call(listSessions, { query: {} })).sessions.length, 2);
});

test('a session says from where it is used, in the spelling that people know', async () => {
  const browser = new TestBrowser(server, '::ffff:203.0.113.9');
  await browser.call(signIn, { body: right });
  const { sessions } = await browser.call(listSessions, { query: {} });
  assert.equal(sessions.find((session) => session.isCurrent)?.remoteAddress, '203.0.113.9');
});

test('signing in again replaces the session that the browser carried', async () => {
  const before = first.cookie;
  await first.call(signIn, { body: right });
  assert.notEqual(first.cookie, before);
  const { sessions } = await first.call(listSessions, { query: {} });
  assert.deepEqual(
    sessions.map((session) => session.isCurrent),
    [true],
  );
});

test('every reason for a refusal looks the same', async () => {
  const bob = await signInInvited(server, first, 'bob', 'auditor');
  const { id } = await bob.call(getCurrentSession);
  await first.call(setAdministratorState, { params: { administratorId: id }, body: { state: 'disabled' } });
  const bodies = [
    wrong,
    { ...right, name: 'nobody' },
    { ...right, name: 'bob' },
    { ...right, password: 'x'.repeat(1_024) },
  ];
  const problems = [];
  for (const body of bodies) {
    const { requestId: _, ...problem } = assertRefused(
      await send(server, signIn, { body }),
      401,
      'SIGN_IN_REFUSED',
    );
    problems.push(problem);
  }
  for (const problem of problems) assert.deepEqual(problem, problems[0]);
});

test('after some failures the name has to wait, from wherever the attempts come, and so has a name that nobody has', async () => {
  for (const name of ['alice', 'nobody']) {
    for (let index = 0; index < 5; index += 1) {
      const browser = new TestBrowser(server, `198.51.100.${index}`);
      assertRefused(await browser.send(signIn, { body: { ...wrong, name } }), 401, 'SIGN_IN_REFUSED');
    }
    const refused = await new TestBrowser(server, '198.51.100.99').send(signIn, { body: { ...right, name } });
    const problem = assertRefused(refused, 429, 'SIGN_IN_THROTTLED');
    assert.equal(problem.facts?.['retryAfterMs'], 1_000);
    assert.equal(refused.headers['retry-after'], '1');
  }
  server.clock.advance(1_000);
  assert.equal(
    (await new TestBrowser(server, '198.51.100.99').send(signIn, { body: right })).statusCode,
    201,
  );
});

test('strangers cannot keep the owner out: where the name signed in before, their attempts do not count', async () => {
  const home = new TestBrowser(server, '203.0.113.5');
  await home.call(signIn, { body: right });
  for (let index = 0; index < 9; index += 1) {
    await new TestBrowser(server, `198.51.100.${index}`).send(signIn, { body: wrong });
  }
  const stranger = await new TestBrowser(server, '198.51.100.50').send(signIn, { body: right });
  assertRefused(stranger, 429, 'SIGN_IN_THROTTLED');
  assert.equal((await new TestBrowser(server, '203.0.113.5').send(signIn, { body: right })).statusCode, 201);
});

test('counts and known addresses are forgotten when they are old', async () => {
  await new TestBrowser(server, '203.0.113.5').call(signIn, { body: right });
  await send(server, signIn, { body: wrong });
  const { db } = server.database;
  const left = async () => ({
    origins: (await db.selectFrom('sign_in_origin').selectAll().execute()).length,
    counts: (await db.selectFrom('sign_in_throttle').selectAll().execute()).length,
  });
  await server.jobs.run('prune');
  // One address of the set-up, one of the sign-in. The success took its own count of the address back and left the row; the failure made two.
  assert.deepEqual(await left(), { origins: 2, counts: 3 });
  server.clock.advance(3_600_001);
  await server.jobs.run('prune');
  assert.deepEqual(await left(), { origins: 2, counts: 0 });
  server.clock.advance(90 * 86_400_000);
  await server.jobs.run('prune');
  assert.deepEqual(await left(), { origins: 0, counts: 0 });
});

test('an address that tries many names has to wait, and so has all of its network', async () => {
  for (let index = 0; index < 20; index += 1) {
    const browser = new TestBrowser(server, `2001:db8:1:2::${index + 1}`);
    assertRefused(
      await browser.send(signIn, { body: { ...wrong, name: `name${index}` } }),
      401,
      'SIGN_IN_REFUSED',
    );
  }
  const refused = await new TestBrowser(server, '2001:db8:1:2:ffff::1').send(signIn, { body: right });
  assertRefused(refused, 429, 'SIGN_IN_THROTTLED');
  assert.equal(
    (await new TestBrowser(server, '2001:db8:1:3::1').send(signIn, { body: right })).statusCode,
    201,
  );
});

test('the count is in the database: another server on it refuses too', async () => {
  for (let index = 0; index < 5; index += 1) await send(server, signIn, { body: wrong });
  const rows = await server.database.db.selectFrom('sign_in_throttle').selectAll().execute();
  assert.deepEqual(rows.map((row) => `${row.kind} ${row.failures}`).sort(), ['address 5', 'name 5']);
});

test('many attempts at once do not slip past the count', async () => {
  const answers = await Promise.all(Array.from({ length: 30 }, () => send(server, signIn, { body: wrong })));
  const counted = answers.filter((answer) => answer.statusCode === 401).length;
  assert.equal(counted, 5);
  assert.equal(answers.filter((answer) => answer.statusCode === 429).length, 25);
});

test('failed sign-ins stand in the audit log without what was typed for a name that nobody has', async () => {
  await send(server, signIn, { body: wrong });
  await send(server, signIn, { body: { ...wrong, name: 'my-secret-password' } });
  const { entries } = await first.call(listAuditEntries, {
    query: { action: 'sign-in.failed', from: new Date(server.clock.now()).toISOString() },
  });
  assert.deepEqual(
    entries.map((entry) => [entry.actorKind, entry.objectName, entry.details['account']]),
    [
      ['anonymous', '(unknown name)', 'unknown'],
      ['anonymous', 'alice', 'active'],
    ],
  );
});

test('a flood of failures does not flood the audit log, and the log says how many it left out', async () => {
  const { recordFailures, readFailures } = floodOf(server);
  await recordFailures(150);
  assert.equal((await readFailures()).length, 120);
  server.clock.advance(5_000);
  await recordFailures(1);
  const [newest] = await readFailures();
  assert.match(JSON.stringify(newest), /"notRecordedBefore":30\b/);
});

function floodOf(target: TestServer) {
  const beginsAt = new Date(target.clock.now());
  let count = 0;
  return {
    async recordFailures(wanted: number) {
      for (let index = 0; index < wanted; index += 1) {
        count += 1;
        const browser = new TestBrowser(target, `10.${count % 250}.${Math.floor(count / 250)}.1`);
        await browser.send(signIn, { body: { name: `n${count}`, password: 'x' } });
      }
    },
    async readFailures() {
      await target.ticks.run('audit.chain');
      return await target.database.db
        .selectFrom('audit_entry')
        .select('details')
        .where('action', '=', 'sign-in.failed')
        .where('occurred_at', '>=', beginsAt)
        .orderBy('seq', 'desc')
        .execute();
    },
  };
}

test('a write without the token of its session, or with another one, is refused and changes nothing', async () => {
  const cookie = { cookie: first.headers['cookie'] ?? '' };
  const { sessionId } = await first.call(getCurrentSession);
  for (const headers of [
    cookie,
    { ...cookie, 'x-csrf-token': 'A'.repeat(43) },
    { ...cookie, 'x-csrf-token': '' },
  ]) {
    assertRefused(await send(server, signOut, {}, headers), 403, 'CSRF_TOKEN_INVALID');
  }
  assert.equal((await first.call(getCurrentSession)).sessionId, sessionId);
});

test('a session ends by signing out, and its cookie goes', async () => {
  const cookie = first.headers;
  await first.call(signOut);
  assert.equal(first.cookie, undefined);
  assertRefused(await send(server, getCurrentSession, {}, cookie), 401, 'SESSION_EXPIRED');
});

test('a session ends after eight hours without use, and after seven days whatever its use', async () => {
  server.clock.advance(8 * 3_600_000 - 1);
  await first.call(getCurrentSession);
  server.clock.advance(8 * 3_600_000);
  assertRefused(await first.send(getCurrentSession), 401, 'SESSION_EXPIRED');
  await first.call(signIn, { body: right });
  for (let hour = 0; hour < 7 * 24 - 1; hour += 7) {
    await first.call(getCurrentSession);
    server.clock.advance(7 * 3_600_000);
  }
  assertRefused(await first.send(getCurrentSession), 401, 'SESSION_EXPIRED');
});

test('an ended session leaves the database with the next clean-up', async () => {
  server.clock.advance(9 * 3_600_000);
  await server.jobs.run('prune');
  assert.deepEqual(await server.database.db.selectFrom('session').select('id').execute(), []);
});

test('an own session can be revoked from another browser, and is over at the next request', async () => {
  const other = new TestBrowser(server);
  const { sessionId } = await other.call(signIn, { body: right });
  await first.call(revokeSession, { params: { sessionId: sessionId ?? '' } });
  assertRefused(await other.send(getCurrentSession), 401, 'SESSION_EXPIRED');
});

test("somebody else's session does not exist for who may not manage administrators", async () => {
  const auditor = await signInInvited(server, first, 'bob', 'auditor');
  const { sessionId } = await first.call(getCurrentSession);
  const params = { sessionId: sessionId ?? '' };
  assertRefused(await auditor.send(revokeSession, { params }), 404, 'NOT_FOUND');
  const { sessionId: auditors } = await auditor.call(getCurrentSession);
  await first.call(revokeSession, { params: { sessionId: auditors ?? '' } });
  assertRefused(await auditor.send(getCurrentSession), 401, 'SESSION_EXPIRED');
  assertRefused(await first.send(revokeSession, { params: { sessionId: auditors ?? '' } }), 404, 'NOT_FOUND');
});

test('only who may read administrators sees the sessions of everyone', async () => {
  const auditor = await signInInvited(server, first, 'bob', 'auditor');
  assert.equal((await auditor.call(listSessions, { query: {} })).sessions.length, 1);
  assert.equal((await auditor.call(listSessions, { query: { everyone: true } })).sessions.length, 2);
  const key = server.actAs({ permissions: ['directory:read'] });
  assertRefused(
    await send(server, listSessions, { query: { everyone: true } }, key),
    403,
    'PERMISSION_DENIED',
  );
  const own = await send(server, listSessions, { query: {} }, key);
  assert.deepEqual(own.json(), { sessions: [] });
});

test('a changed password ends the other sessions, and only the new one works', async () => {
  const other = new TestBrowser(server);
  await other.call(signIn, { body: right });
  const newPassword = 'gelb wolke hammer elf';
  await first.call(changeOwnPassword, { body: { currentPassword: GOOD_PASSWORD, newPassword } });
  assertRefused(await other.send(getCurrentSession), 401, 'SESSION_EXPIRED');
  await first.call(getCurrentSession);
  assertRefused(await send(server, signIn, { body: right }), 401, 'SIGN_IN_REFUSED');
  assert.equal((await send(server, signIn, { body: { ...right, password: newPassword } })).statusCode, 201);
});

test('a password is not changed with a wrong current one, to a weak one, or by an API key', async () => {
  const good = 'gelb wolke hammer elf';
  const wrongOne = await first.send(changeOwnPassword, {
    body: { currentPassword: 'guess', newPassword: good },
  });
  assertRefused(wrongOne, 422, 'CURRENT_PASSWORD_WRONG');
  const weak = await first.send(changeOwnPassword, {
    body: { currentPassword: GOOD_PASSWORD, newPassword: 'alice-alice-2026' },
  });
  assertRefused(weak, 422, 'PASSWORD_TOO_WEAK');
  const byKey = await send(
    server,
    changeOwnPassword,
    { body: { currentPassword: GOOD_PASSWORD, newPassword: good } },
    server.actAs(),
  );
  assertRefused(byKey, 403, 'SESSION_NEEDED');
  assertRefused(await send(server, signOut, {}, server.actAs()), 403, 'SESSION_NEEDED');
});

test('guessing the password from a stolen session is slowed down like signing in', async () => {
  const body = { currentPassword: 'guess', newPassword: 'gelb wolke hammer elf' };
  for (let index = 0; index < 5; index += 1) {
    assertRefused(await first.send(changeOwnPassword, { body }), 422, 'CURRENT_PASSWORD_WRONG');
  }
  assertRefused(await first.send(changeOwnPassword, { body }), 429, 'SIGN_IN_THROTTLED');
});
