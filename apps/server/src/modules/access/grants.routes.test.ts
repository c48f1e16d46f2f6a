import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import {
  builtInRoleIds,
  changeRole,
  createApiKey,
  createRole,
  deleteRole,
  getCurrentSession,
  type GrantChoice,
  giveGrant,
  inviteAdministrator,
  listAdministrators,
  listAuditEntries,
  listDevices,
  listGroups,
  listRoles,
  type Permission,
  permissions,
  planGroupRemoval,
  purgeRecycled,
  removeGroup,
  renameGroup,
  setAdministratorState,
  takeGrant,
} from '@holdfast/api';
import {
  everywhere,
  forgetAccounts,
  inGroup,
  signInFirstAdministrator,
  signInInvited,
} from '../../testing/test-administrators.ts';
import { assertRefused, send, type TestBrowser } from '../../testing/test-browser.ts';
import { makeTestGroup } from '../../testing/test-group.ts';
import { storeApiKey } from '../../testing/test-matrix-world.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

const UNKNOWN_ID = '019aa000-0000-7000-8000-000000000001';

let server: TestServer;
let first: TestBrowser;
let berlin: string;
let paris: string;
before(async () => {
  server = await startTestServer();
  berlin = await makeTestGroup(server);
  paris = await makeTestGroup(server);
});
beforeEach(async () => {
  await forgetAccounts(server);
  await server.database.db.deleteFrom('access_role').where('is_built_in', '=', false).execute();
  first = await signInFirstAdministrator(server, 'alice');
});
after(() => server.close());

async function idOf(browser: TestBrowser): Promise<string> {
  return (await browser.call(getCurrentSession)).id;
}

async function give(browser: TestBrowser, body: GrantChoice): Promise<void> {
  await first.call(giveGrant, { params: { administratorId: await idOf(browser) }, body });
}

/** Takes the role away, wherever it is held. */
async function take(browser: TestBrowser, roleId: string) {
  const { id: administratorId, roles } = await browser.call(getCurrentSession);
  const grantId = roles.find((grant) => grant.roleId === roleId)?.id ?? UNKNOWN_ID;
  return await first.send(takeGrant, { params: { administratorId, grantId } });
}

async function makeRole(name: string, own: readonly Permission[]): Promise<GrantChoice> {
  const role = await first.call(createRole, { body: { name, description: '', permissions: [...own] } });
  return { roleId: role.id, groupId: null };
}

async function renameIn(browser: TestBrowser, groupId: string): Promise<number> {
  const group = (await first.call(listGroups)).groups.find((one) => one.id === groupId);
  const body = { name: `${group?.name ?? ''}.`, revision: group?.revision ?? 1 };
  return (await browser.send(renameGroup, { params: { groupId }, body })).statusCode;
}

async function auditActions(objectId: string): Promise<string[]> {
  const { entries } = await first.call(listAuditEntries, { query: { objectId } });
  return entries.map((entry) => entry.action).filter((action) => /^(grant|role)\./.test(action));
}

test('the built-in roles have every permission in its place', async () => {
  const { roles } = await first.call(listRoles);
  assert.deepEqual(
    roles.map((role) => [role.name, role.isBuiltIn, role.holderCount]),
    [
      ['Enterprise Administrator', true, 1],
      ['Auditor', true, 0],
      ['Group Administrator', true, 0],
    ],
  );
  const [enterprise, auditor, groups] = roles;
  // A release that adds a permission gives it to the built-in roles, by a migration.
  assert.deepEqual(enterprise?.permissions, permissions);
  assert.deepEqual(
    auditor?.permissions,
    permissions.filter((name) => name.endsWith(':read')),
  );
  assert.deepEqual(
    groups?.permissions,
    permissions.filter((name) =>
      /^(directory|notes|commands|logs|enrolment-tokens|registrations):/.test(name),
    ),
  );
});

test('somebody can be auditor everywhere and group administrator in Berlin, from the invitation on', async () => {
  const bob = await signInInvited(server, first, 'bob', 'auditor', inGroup('groupAdministrator', berlin));
  const session = await bob.call(getCurrentSession);
  assert.deepEqual(
    session.roles.map((grant) => [grant.roleName, grant.groupId]),
    [
      ['Auditor', null],
      ['Group Administrator', berlin],
    ],
  );
  assert.ok(session.permissions.includes('directory:edit'));
  assert.deepEqual(
    session.grants.filter((grant) => grant.permissions.includes('directory:edit')).map((it) => it.groupId),
    [berlin],
  );
  assert.equal(await renameIn(bob, berlin), 200);
  assert.equal(await renameIn(bob, paris), 403);
  assert.ok((await bob.call(listGroups)).groups.some((group) => group.id === paris));
  const entries = await first.call(listAuditEntries, { query: { action: 'administrator.invited' } });
  assert.deepEqual(
    (entries.entries[0]?.details['grants'] as { role: string; groupId: string | null }[] | undefined)?.map(
      ({ role, groupId }) => [role, groupId],
    ),
    [
      ['Auditor', null],
      ['Group Administrator', berlin],
    ],
  );
});

test('what is given and taken counts at the next request and is recorded; giving it twice changes nothing', async () => {
  const bob = await signInInvited(server, first, 'bob', 'auditor');
  const bobId = await idOf(bob);
  assert.equal(await renameIn(bob, berlin), 403);
  await give(bob, inGroup('groupAdministrator', berlin));
  await give(bob, inGroup('groupAdministrator', berlin));
  assert.equal(await renameIn(bob, berlin), 200);
  const taken = await take(bob, builtInRoleIds.groupAdministrator);
  assert.equal(taken.statusCode, 200, taken.body);
  assert.equal(await renameIn(bob, berlin), 403);
  assert.deepEqual(await auditActions(bobId), ['grant.taken', 'grant.given']);
  assertRefused(await take(bob, builtInRoleIds.groupAdministrator), 404, 'NOT_FOUND');
});

test('grants that overlap add up: taking one leaves what the other gives', async () => {
  const bob = await signInInvited(
    server,
    first,
    'bob',
    inGroup('groupAdministrator', berlin),
    everywhere('groupAdministrator'),
  );
  const { id: administratorId, roles } = await bob.call(getCurrentSession);
  const wide = roles.find((grant) => grant.groupId === null)?.id ?? '';
  await first.call(takeGrant, { params: { administratorId, grantId: wide } });
  assert.equal(await renameIn(bob, berlin), 200);
  assert.equal(await renameIn(bob, paris), 404);
});

test('who loses every role may do nothing more, and keeps the session', async () => {
  const bob = await signInInvited(server, first, 'bob', 'auditor');
  await take(bob, builtInRoleIds.auditor);
  assertRefused(await bob.send(listDevices), 403, 'PERMISSION_DENIED');
  assert.deepEqual((await bob.call(getCurrentSession)).permissions, []);
});

test('a role that is deleted while its holder works ends at the next request, with an entry for each holder', async () => {
  const role = await makeRole('Reader', ['directory:read']);
  const bob = await signInInvited(server, first, 'bob', role);
  const bobId = await idOf(bob);
  await bob.call(listDevices);
  assert.deepEqual(await first.call(deleteRole, { params: { roleId: role.roleId } }), { takenCount: 1 });
  assertRefused(await bob.send(listDevices), 403, 'PERMISSION_DENIED');
  assert.deepEqual(await auditActions(bobId), ['grant.taken']);
  assert.deepEqual(await auditActions(role.roleId), ['role.deleted', 'role.created']);
  assertRefused(
    await first.send(giveGrant, { params: { administratorId: bobId }, body: role }),
    404,
    'ROLE_NOT_FOUND',
  );
});

test('a role that is changed counts for its holders at once', async () => {
  const role = await makeRole('Reader', ['directory:read']);
  const bob = await signInInvited(server, first, 'bob', role);
  const params = { roleId: role.roleId };
  const body = {
    revision: 1,
    name: 'Log reader',
    description: 'Logs only',
    permissions: ['logs:read' as const],
  };
  const changed = await first.call(changeRole, { params, body });
  assert.deepEqual([changed.name, changed.revision, changed.holderCount], ['Log reader', 2, 1]);
  assertRefused(await bob.send(listDevices), 403, 'PERMISSION_DENIED');
  assert.deepEqual((await bob.call(getCurrentSession)).permissions, ['logs:read']);
  assertRefused(await first.send(changeRole, { params, body }), 409, 'ROLE_CHANGED');
});

test('built-in roles stay as they are, and a name belongs to one role, whatever its case', async () => {
  const parts = { name: 'AUDITOR', description: '', permissions: ['directory:read' as const] };
  const params = { roleId: builtInRoleIds.auditor };
  assertRefused(await first.send(createRole, { body: parts }), 409, 'ROLE_NAME_TAKEN');
  assertRefused(
    await first.send(changeRole, { params, body: { revision: 1, ...parts } }),
    409,
    'ROLE_BUILT_IN',
  );
  assertRefused(await first.send(deleteRole, { params }), 409, 'ROLE_BUILT_IN');
  const unknown = { roleId: UNKNOWN_ID };
  assertRefused(await first.send(deleteRole, { params: unknown }), 404, 'ROLE_NOT_FOUND');
  const reader = await makeRole('Reader', ['directory:read']);
  assertRefused(
    await first.send(changeRole, { params: { roleId: reader.roleId }, body: { revision: 1, ...parts } }),
    409,
    'ROLE_NAME_TAKEN',
  );
});

/** Manages administrators and looks after Berlin, and nothing else. */
async function signInManager(): Promise<TestBrowser> {
  const manages = await makeRole('Manager', ['administrators:read', 'administrators:manage']);
  return await signInInvited(server, first, 'mallory', manages, inGroup('groupAdministrator', berlin));
}

test('nobody gives more than they have, nor where they have less, nor to themselves', async () => {
  const mallory = await signInManager();
  const bob = await signInInvited(server, first, 'bob', 'auditor');
  const inBerlin = await makeTestGroup(server, berlin);
  for (const administratorId of [await idOf(mallory), await idOf(bob)]) {
    const tryTo = async (body: GrantChoice) =>
      await mallory.send(giveGrant, { params: { administratorId }, body });
    for (const more of [
      everywhere('enterpriseAdministrator'),
      everywhere('auditor'),
      everywhere('groupAdministrator'),
      inGroup('enterpriseAdministrator', berlin),
      inGroup('auditor', berlin),
    ]) {
      assertRefused(await tryTo(more), 403, 'ADMINISTRATOR_ROLE_EXCEEDS_OWN');
    }
    assertRefused(await tryTo(inGroup('groupAdministrator', paris)), 422, 'GRANT_GROUP_UNKNOWN');
    assert.equal((await tryTo(inGroup('groupAdministrator', inBerlin))).statusCode, 200);
  }
  const invite = async (grants: GrantChoice[]) =>
    await mallory.send(inviteAdministrator, { body: { name: 'carol', displayName: 'Carol', grants } });
  assertRefused(await invite([everywhere('auditor')]), 403, 'ADMINISTRATOR_ROLE_EXCEEDS_OWN');
  const mixed = [inGroup('groupAdministrator', berlin), inGroup('groupAdministrator', paris)];
  assertRefused(await invite(mixed), 422, 'GRANT_GROUP_UNKNOWN');
  assert.ok(!(await first.call(listAdministrators)).administrators.some((one) => one.name === 'carol'));
  assert.equal((await invite([inGroup('groupAdministrator', berlin)])).statusCode, 201);
});

test('nobody hands out what another account has: not by inviting it again, not by enabling it', async () => {
  const mallory = await signInManager();
  await first.call(inviteAdministrator, {
    body: { name: 'carol', displayName: 'Carol', grants: [inGroup('groupAdministrator', paris)] },
  });
  const again = await mallory.send(inviteAdministrator, {
    body: { name: 'carol', displayName: 'Carol', grants: [inGroup('groupAdministrator', berlin)] },
  });
  assertRefused(again, 403, 'ADMINISTRATOR_ROLE_EXCEEDS_OWN');
  const carol = (await first.call(listAdministrators)).administrators.find((one) => one.name === 'carol');
  const params = { administratorId: carol?.id ?? '' };
  await first.call(setAdministratorState, { params, body: { state: 'disabled' } });
  assertRefused(
    await mallory.send(setAdministratorState, { params, body: { state: 'active' } }),
    403,
    'ADMINISTRATOR_ROLE_EXCEEDS_OWN',
  );
});

test('nobody gains by a role: neither by making one, nor by widening one that they have', async () => {
  const mallory = await signInManager();
  const wider: readonly Permission[] = ['administrators:read', 'administrators:manage', 'settings:manage'];
  assertRefused(
    await mallory.send(createRole, { body: { name: 'X', description: '', permissions: [...wider] } }),
    403,
    'ADMINISTRATOR_ROLE_EXCEEDS_OWN',
  );
  const { roles } = await mallory.call(listRoles);
  const own = roles.find((role) => role.name === 'Manager');
  const params = { roleId: own?.id ?? '' };
  const change = async (names: readonly Permission[]) =>
    await mallory.send(changeRole, {
      params,
      body: { revision: own?.revision ?? 1, name: 'Manager', description: '', permissions: [...names] },
    });
  assertRefused(await change(wider), 403, 'ADMINISTRATOR_ROLE_EXCEEDS_OWN');
  // Of her own in Berlin, but a role counts wherever it is held.
  assertRefused(
    await change(['administrators:read', 'administrators:manage', 'directory:edit']),
    403,
    'ADMINISTRATOR_ROLE_EXCEEDS_OWN',
  );
  assert.deepEqual((await mallory.call(getCurrentSession)).permissions.includes('settings:manage'), false);
  assert.equal((await change(['administrators:read', 'administrators:manage'])).statusCode, 200);
});

test('nobody makes a key that may more than they may there', async () => {
  const mallory = await signInManager();
  const inBerlin = await makeTestGroup(server, berlin);
  const make = async (names: readonly Permission[], scopeGroupId?: string) =>
    await mallory.send(createApiKey, {
      body: {
        name: 'x',
        permissions: [...names],
        ...(scopeGroupId === undefined ? {} : { scopeGroupId }),
      },
    });
  assertRefused(await make(['directory:read']), 403, 'API_KEY_PERMISSION_EXCEEDED');
  assertRefused(await make(['directory:read'], paris), 422, 'API_KEY_GROUP_UNKNOWN');
  assertRefused(await make(['directory:read', 'audit:read'], berlin), 403, 'API_KEY_PERMISSION_EXCEEDED');
  assertRefused(await make(['administrators:manage'], berlin), 422, 'API_KEY_SCOPE_UNSUITABLE');
  assert.equal((await make(['directory:edit', 'commands:issue'], inBerlin)).statusCode, 201);
  assert.equal((await make(['administrators:manage'])).statusCode, 201);
});

test('a key never may more than the account behind it does now, permission by permission and place by place', async () => {
  const bob = await signInInvited(server, first, 'bob', 'auditor', inGroup('groupAdministrator', berlin));
  const inBerlin = await makeTestGroup(server, berlin);
  const ownerId = await idOf(bob);
  const grantsOf = async (names: readonly Permission[], scopeGroupId?: string) => {
    const key = await storeApiKey(server, { ownerId, permissions: names, scopeGroupId });
    const { grants } = (await send(server, getCurrentSession, {}, key.headers)).json<{
      grants: { permissions: string[]; groupId: string | null }[];
    }>();
    return grants.flatMap(({ permissions: held, groupId }) => held.map((name) => [name, groupId] as const));
  };
  const names = ['directory:read', 'directory:edit', 'settings:manage'] as const;
  assert.deepEqual(
    (await grantsOf(names)).filter(([name]) => name === 'directory:edit'),
    [['directory:edit', berlin]],
  );
  assert.ok(!(await grantsOf(names)).some(([name]) => name === 'settings:manage'));
  const inner = await grantsOf(names, inBerlin);
  assert.ok(inner.every(([, groupId]) => groupId === inBerlin));
  assert.ok(inner.some(([name]) => name === 'directory:edit'));
  assert.deepEqual(await grantsOf(names, paris), [['directory:read', paris]]);
  await take(bob, builtInRoleIds.auditor);
  assert.deepEqual(await grantsOf(names, paris), []);
});

test('the last active enterprise administrator keeps that role on everything', async () => {
  const bob = await signInInvited(server, first, 'bob', inGroup('enterpriseAdministrator', berlin));
  assertRefused(
    await take(first, builtInRoleIds.enterpriseAdministrator),
    409,
    'LAST_ENTERPRISE_ADMINISTRATOR',
  );
  assert.equal((await take(bob, builtInRoleIds.enterpriseAdministrator)).statusCode, 200);
  await give(bob, everywhere('enterpriseAdministrator'));
  assert.equal((await take(bob, builtInRoleIds.enterpriseAdministrator)).statusCode, 200);
});

test('two who take the role from each other at the same time leave one behind', async () => {
  const bob = await signInInvited(server, first, 'bob');
  const sides = await Promise.all([first.call(getCurrentSession), bob.call(getCurrentSession)]);
  const [ofFirst, ofBob] = sides.map(({ id, roles }) => ({
    params: { administratorId: id, grantId: roles[0]?.id ?? '' },
  }));
  const answers = await Promise.all([first.send(takeGrant, ofBob), bob.send(takeGrant, ofFirst)]);
  assert.equal(answers.filter((answer) => answer.statusCode === 200).length, 1);
});

test('many who give at the same time do not wait for each other for ever', async () => {
  const bob = await signInInvited(server, first, 'bob', 'auditor');
  const params = { administratorId: await idOf(bob) };
  const answers = await Promise.all(
    Array.from({ length: 40 }, () =>
      first.send(giveGrant, { params, body: inGroup('groupAdministrator', berlin) }),
    ),
  );
  assert.deepEqual([...new Set(answers.map((answer) => answer.statusCode))], [200]);
  assert.deepEqual(await auditActions(params.administratorId), ['grant.given']);
});

test('a role is given in a group that there is; one in a group that was removed for good grants nothing', async () => {
  const lost = await makeTestGroup(server);
  const bob = await signInInvited(server, first, 'bob', inGroup('groupAdministrator', lost));
  const params = { administratorId: await idOf(bob) };
  assertRefused(
    await first.send(giveGrant, { params, body: inGroup('auditor', UNKNOWN_ID) }),
    422,
    'GRANT_GROUP_UNKNOWN',
  );
  const plan = await first.call(planGroupRemoval, { params: { groupId: lost } });
  assert.match(plan.consequences.join(' '), /The administrator "bob" has no group left to look after\./);
  const item = await first.call(removeGroup, {
    params: { groupId: lost },
    body: { planToken: plan.planToken },
  });
  assert.equal((await bob.send(listDevices)).statusCode, 200);
  await first.call(purgeRecycled, { params: { itemId: item.id } });
  assertRefused(await bob.send(listDevices), 403, 'PERMISSION_DENIED');
  const { roles, grants } = await bob.call(getCurrentSession);
  assert.deepEqual(
    roles.map((grant) => [grant.groupId, grant.groupPath, grant.isGroupGone]),
    [[lost, null, true]],
  );
  assert.deepEqual(grants, []);
  assert.equal((await take(bob, builtInRoleIds.groupAdministrator)).statusCode, 200);
});

test('one administrator has so many roles and no more', async () => {
  const bob = await signInInvited(server, first, 'bob', 'auditor');
  const administratorId = await idOf(bob);
  const groupIds = Array.from(
    { length: 63 },
    (_, index) => `019aa000-0000-7000-8000-${String(index).padStart(12, '0')}`,
  );
  await server.database.db
    .insertInto('access_grant')
    .values(
      groupIds.map((groupId, index) => ({
        id: `019aa000-0000-7000-9000-${String(index).padStart(12, '0')}`,
        administrator_id: administratorId,
        api_key_id: null,
        role_id: builtInRoleIds.auditor,
        permissions: null,
        group_id: groupId,
        created_at: new Date(server.clock.now()),
        created_by: 'test',
      })),
    )
    .execute();
  const answer = await first.send(giveGrant, {
    params: { administratorId },
    body: inGroup('auditor', berlin),
  });
  assertRefused(answer, 409, 'GRANT_LIMIT_REACHED');
  assert.equal((await bob.call(getCurrentSession)).roles.length, 64);
});
