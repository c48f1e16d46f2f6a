/** Callers whose access ends, or becomes less, between the moment in which they prove themselves and that in which they are served. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import {
  builtInRoleIds,
  changeOwnPassword,
  changeRole,
  createApiKey,
  createGroup,
  createRole,
  deleteRole,
  getCurrentSession,
  giveGrant,
  inviteAdministrator,
  listAdministrators,
  listAuditEntries,
  listGroups,
  listSessions,
  revokeApiKey,
  revokeSession,
  type Route,
  setAdministratorState,
  signIn,
  takeGrant,
} from '@holdfast/api';
import { sql } from 'kysely';
import { TOP_GROUP_ID } from '../directory/index.ts';
import {
  everywhere,
  forgetAccounts,
  GOOD_PASSWORD,
  signInFirstAdministrator,
  signInInvited,
} from '../../testing/test-administrators.ts';
import { callApi } from '../../testing/test-api.ts';
import { assertRefused, type TestBrowser } from '../../testing/test-browser.ts';
import type { CallerHeaders } from '../../testing/test-callers.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
let alice: TestBrowser;
before(async () => {
  server = await startTestServer({ isListening: true });
});
beforeEach(async () => {
  await forgetAccounts(server);
  alice = await signInFirstAdministrator(server, 'alice');
});
after(() => server.close());

async function idOf(browser: TestBrowser): Promise<string> {
  return (await browser.call(getCurrentSession)).id;
}

/** Holds the lock of accounts until told. */
async function holdAccounts(): Promise<{ countWaiting(): Promise<number>; release(): Promise<void> }> {
  const { db } = server.database;
  const open = Promise.withResolvers<void>();
  const isHeld = Promise.withResolvers<void>();
  const lock = db.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(4801001)`.execute(transaction);
    isHeld.resolve();
    await open.promise;
  });
  await isHeld.promise;
  return {
    async countWaiting() {
      const { rows } = await sql<{ count: number }>`
        select count(*) as count from pg_locks where locktype = 'advisory' and objid = 4801001 and not granted
      `.execute(db);
      return rows[0]?.count ?? 0;
    },
    async release() {
      open.resolve();
      await lock;
    },
  };
}

async function until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  for (let look = 0; look < 2_000; look += 1) {
    if (await isTrue()) return;
    await delay(5);
  }
  assert.fail(`${what} did not come`);
}

interface HeldRequest {
  /** Sends what was held back. @returns the answer, headers and all */
  finish(): Promise<string>;
}

/** Sends the headers of a write, and its body when told. */
async function holdBody(route: Route, body: object, headers: CallerHeaders): Promise<HeldRequest> {
  const text = JSON.stringify(body);
  const { port } = new URL(server.address);
  const socket: TLSSocket = connect({ port: Number(port), host: '127.0.0.1', rejectUnauthorized: false });
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  const lines = Object.entries({
    host: 'x',
    ...headers,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`${route.method} ${route.path} HTTP/1.1\r\n${lines.join('')}\r\n`);
  return {
    async finish() {
      socket.write(text);
      let answer = '';
      for await (const chunk of socket) answer += String(chunk);
      return answer;
    },
  };
}

/** A use of a session is written when the last one is a while ago: then the next request tells when it was looked at. */
async function holdInSession(browser: TestBrowser, route: Route, body: object): Promise<HeldRequest> {
  const { sessionId } = await browser.call(getCurrentSession);
  server.clock.advance(600_000);
  const now = new Date(server.clock.now());
  const held = await holdBody(route, body, browser.headers);
  await until('the look at the session', async () => {
    const row = await server.database.db
      .selectFrom('session')
      .select('last_used_at')
      .where('id', '=', sessionId)
      .executeTakeFirst();
    return row?.last_used_at.getTime() === now.getTime();
  });
  return held;
}

async function holdWithKey(key: string, id: string, route: Route, body: object): Promise<HeldRequest> {
  const held = await holdBody(route, body, { authorization: `Bearer ${key}` });
  await until('the look at the key', async () => {
    await server.ticks.run('access.key-uses');
    const row = await server.database.db
      .selectFrom('api_key')
      .select('last_used_at')
      .where('id', '=', id)
      .executeTakeFirst();
    return row?.last_used_at !== null;
  });
  return held;
}

const invitation = {
  name: 'backdoor',
  displayName: 'x',
  grants: [everywhere('enterpriseAdministrator')],
};
const newGroup = { parentId: TOP_GROUP_ID, name: 'Made too late' };

function assertAnswer(answer: string, status: number, code: string): void {
  assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `), answer);
  assert.match(answer, new RegExp(`"code":"${code}"`), answer);
}

test('who is disabled while the body is on its way does nothing with it', async () => {
  const bob = await signInInvited(server, alice, 'bob');
  const administratorId = await idOf(bob);
  const held = await holdInSession(bob, inviteAdministrator, invitation);
  await alice.call(setAdministratorState, { params: { administratorId }, body: { state: 'disabled' } });
  assertAnswer(await held.finish(), 401, 'SESSION_EXPIRED');
  const { administrators } = await alice.call(listAdministrators);
  assert.deepEqual(
    administrators.map(({ name }) => name),
    ['alice', 'bob'],
  );
});

test('who loses a role while the body is on its way does nothing that only that role allowed', async () => {
  const bob = await signInInvited(server, alice, 'bob', 'groupAdministrator', 'auditor');
  const { id: administratorId, roles } = await bob.call(getCurrentSession);
  const grantId = roles.find((role) => role.roleId === builtInRoleIds.groupAdministrator)?.id ?? '';
  const held = await holdInSession(bob, createGroup, newGroup);
  await alice.call(takeGrant, { params: { administratorId, grantId } });
  assertAnswer(await held.finish(), 403, 'PERMISSION_DENIED');
});

test('a key that is revoked while the body is on its way does nothing with it', async () => {
  const { apiKey, key } = await alice.call(createApiKey, {
    body: { name: 'k', permissions: ['directory:read', 'directory:edit'] },
  });
  const held = await holdWithKey(key, apiKey.id, createGroup, newGroup);
  await alice.call(revokeApiKey, { params: { apiKeyId: apiKey.id } });
  assertAnswer(await held.finish(), 401, 'NOT_SIGNED_IN');
  const { groups } = await callApi(server, listGroups);
  assert.ok(!groups.some(({ name }) => name === newGroup.name));
});

test('a body that is merely slow is served', async () => {
  const bob = await signInInvited(server, alice, 'bob');
  const held = await holdInSession(bob, inviteAdministrator, invitation);
  assert.match(await held.finish(), /^HTTP\/1.1 201 /);
});

test('who is disabled while others wait for the lock of accounts hands out and takes nothing any more', async () => {
  const bob = await signInInvited(server, alice, 'bob');
  const bobId = await idOf(bob);
  await signInInvited(server, alice, 'carol', 'auditor');
  const { administrators } = await alice.call(listAdministrators);
  const carol = administrators.find(({ name }) => name === 'carol');
  assert.ok(carol !== undefined);
  const role = await alice.call(createRole, {
    body: { name: 'Reader', description: '', permissions: ['directory:read'] },
  });
  const { apiKey } = await alice.call(createApiKey, { body: { name: 'k', permissions: ['directory:read'] } });
  const { sessions } = await alice.call(listSessions, { query: { everyone: true } });
  const sessionId = sessions.find((session) => session.administratorName === 'carol')?.id ?? '';
  const ofCarol = { administratorId: carol.id };
  const roleParts = { name: 'Wide', description: '', permissions: ['administrators:manage' as const] };

  const writes = [
    () => bob.send(inviteAdministrator, { body: invitation }),
    () => bob.send(giveGrant, { params: ofCarol, body: everywhere('enterpriseAdministrator') }),
    () => bob.send(takeGrant, { params: { ...ofCarol, grantId: carol.grants[0]?.id ?? '' } }),
    () => bob.send(setAdministratorState, { params: ofCarol, body: { state: 'disabled' } }),
    () => bob.send(createRole, { body: roleParts }),
    () =>
      bob.send(changeRole, { params: { roleId: role.id }, body: { ...roleParts, revision: role.revision } }),
    () => bob.send(deleteRole, { params: { roleId: role.id } }),
    () => bob.send(createApiKey, { body: { name: 'x', permissions: ['directory:read'] } }),
    () => bob.send(revokeApiKey, { params: { apiKeyId: apiKey.id } }),
    () => bob.send(revokeSession, { params: { sessionId } }),
    () =>
      bob.send(changeOwnPassword, {
        body: { currentPassword: GOOD_PASSWORD, newPassword: 'sieben regen kiste blau' },
      }),
  ];
  // As many at once as there are connections for.
  for (let from = 0; from < writes.length; from += 3) {
    const lock = await holdAccounts();
    const end = alice.send(setAdministratorState, {
      params: { administratorId: bobId },
      body: { state: 'disabled' },
    });
    await until('alice', async () => (await lock.countWaiting()) === 1);
    const answers = writes.slice(from, from + 3).map((write) => write());
    await until('bob', async () => (await lock.countWaiting()) === 1 + answers.length);
    await lock.release();
    assert.equal((await end).statusCode, 200);
    for (const answer of await Promise.all(answers)) assertRefused(answer, 401, 'SESSION_EXPIRED');
    const { entries } = await alice.call(listAuditEntries, { query: { limit: 1 } });
    assert.equal(entries[0]?.action, 'administrator.disabled');
    await alice.call(setAdministratorState, {
      params: { administratorId: bobId },
      body: { state: 'active' },
    });
    await bob.call(signIn, { body: { name: 'bob', password: GOOD_PASSWORD } });
  }
});
