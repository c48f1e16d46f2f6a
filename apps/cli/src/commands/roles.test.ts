import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, test } from 'node:test';
import { type Administrator, type ApiTransportRequest, builtInRoleIds, type HeldGrant } from '@holdfast/api';
import { ExitCode } from '../cli.errors.ts';
import type { CliContext } from '../context.ts';
import { createProgram } from '../program.ts';

const at = '2026-11-22T08:00:00.000Z';
const BERLIN = '019aa000-0000-7000-8000-00000000000b';
const BOB = '019aa000-0000-7000-8000-00000000000a';

function held(id: string, roleId: string, roleName: string, groupId: string | null): HeldGrant {
  const groupPath = groupId === BERLIN ? ['Berlin'] : null;
  return {
    id,
    roleId,
    roleName,
    groupId,
    groupPath,
    isGroupGone: groupId !== null && groupPath === null,
    createdAt: at,
    createdBy: 'alice',
  };
}

const auditor = held('019aa000-0000-7000-8000-0000000000a1', builtInRoleIds.auditor, 'Auditor', null);
const inBerlin = held(
  '019aa000-0000-7000-8000-0000000000a2',
  builtInRoleIds.groupAdministrator,
  'Group Administrator',
  BERLIN,
);
const bob: Administrator = {
  id: BOB,
  name: 'bob',
  displayName: 'Bob',
  grants: [auditor, inBerlin, held('x', builtInRoleIds.auditor, 'Auditor', 'gone')],
  state: 'active',
  createdAt: at,
  lastSignInAt: null,
};
const roles = [auditor, inBerlin].map(({ roleId, roleName }) => ({
  id: roleId,
  name: roleName,
  description: '',
  permissions: ['directory:read'],
  isBuiltIn: true,
  revision: 1,
  holderCount: 1,
}));
const group = { id: BERLIN, parentId: 'top', name: 'Berlin', path: ['Berlin'], depth: 1, revision: 1 };

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-cli-roles-'));
  await writeFile(join(folder, 'authority.pem'), 'none');
});
after(() => rm(folder, { recursive: true }));

async function run(...args: readonly string[]) {
  const sent: unknown[] = [];
  const stdout = new PassThrough();
  const answers: Readonly<Record<string, unknown>> = {
    'GET /api/v1/administrators': { administrators: [bob], nextCursor: null },
    'GET /api/v1/roles': { roles },
    'GET /api/v1/groups': { groups: [{ ...group, deviceCount: 0, isFixed: false }] },
    [`POST /api/v1/administrators/${BOB}/grants`]: bob,
    [`DELETE /api/v1/administrators/${BOB}/grants/${inBerlin.id}`]: { ...bob, grants: [auditor] },
    [`DELETE /api/v1/administrators/${BOB}/grants/${auditor.id}`]: { ...bob, grants: [] },
  };
  const answer = async ({ method, target, body }: ApiTransportRequest) => {
    if (method !== 'GET') sent.push(body === undefined ? target : JSON.parse(String(body)));
    const text = JSON.stringify(answers[`${method} ${target}`]);
    return { status: 200, contentType: 'application/json', text };
  };
  const context: CliContext = {
    environment: {
      XDG_CONFIG_HOME: folder,
      HOLDFAST_SERVER: 'https://localhost:1',
      HOLDFAST_API_KEY: 'hfk_none',
      HOLDFAST_AUTHORITY_FILE: join(folder, 'authority.pem'),
    },
    stdin: new PassThrough(),
    stdout,
    stderr: new PassThrough(),
    now: () => Date.parse(at),
    openTransport: () => Object.assign(answer, { close: () => undefined }),
  };
  const program = createProgram(context, '1.2.3', { exitCode: ExitCode.done });
  await program.parseAsync(['node', 'holdfast', 'admin', ...args]);
  return { sent, out: String(stdout.read() ?? '') };
}

test('administrators are listed with their roles in words', async () => {
  const { out } = await run('list');
  assert.match(out, /Auditor everywhere, Group Administrator in Berlin, Auditor in a group that is gone/u);
});

test('a role is given by its name, in a group or everywhere', async () => {
  const inGroup = await run('give-role', 'BOB', 'group-administrator', '--group', 'Berlin');
  assert.deepEqual(inGroup.sent, [{ roleId: builtInRoleIds.groupAdministrator, groupId: BERLIN }]);
  const everywhere = await run('give-role', BOB, 'Auditor');
  assert.deepEqual(everywhere.sent, [{ roleId: builtInRoleIds.auditor, groupId: null }]);
});

test('what is taken is the role in that very place', async () => {
  const { out } = await run('take-role', 'bob', 'group-administrator', '--group', 'Berlin');
  assert.equal(out, 'bob is Auditor everywhere.\n');
  assert.equal((await run('take-role', 'bob', 'auditor')).out, 'bob is without any role.\n');
  // The only one needs no group; of two, the one everywhere is meant.
  assert.equal((await run('take-role', 'bob', 'group-administrator')).out, 'bob is Auditor everywhere.\n');
  await assert.rejects(run('take-role', 'bob', 'auditor', '--group', 'Berlin'), { code: 'GRANT_UNKNOWN' });
});

test('a role and an administrator that are not there are refused with what there is', async () => {
  await assert.rejects(run('give-role', 'bob', 'chief'), {
    code: 'ROLE_UNKNOWN',
    remedy: 'Roles are Auditor, Group Administrator.',
  });
  await assert.rejects(run('give-role', 'eve', 'auditor'), { code: 'ADMINISTRATOR_UNKNOWN' });
});
