/**
 * Every kind of holder of grants against every route that asks for a permission, on its own object, on somebody else's and
 * on nobody's. What each holder may stands in the table of holders, permission by permission; what a route is about stands
 * in the access rows. So a permission without an answer, and a route without a row, fails here.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import * as contract from '@holdfast/api';
import { builtInRoleIds, type GrantChoice, type Permission, permissions } from '@holdfast/api';
import { type AccessRow, accessRows, isChanging, sendRow } from '../testing/access-rows.ts';
import { inGroup, signInFirstAdministrator, signInInvited } from '../testing/test-administrators.ts';
import type { TestBrowser } from '../testing/test-browser.ts';
import {
  createWorld,
  KeptWorlds,
  objectIdsOf,
  type World,
  worldOfNobody,
} from '../testing/test-matrix-world.ts';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

/**
 * - `yes`: it may;
 * - `denied`: it may elsewhere, and sees the object;
 * - `hidden`: it may elsewhere, and the object does not exist for it;
 * - `nowhere`: it may nowhere.
 */
type Answer = 'yes' | 'denied' | 'hidden' | 'nowhere';
type Place = 'own' | 'other';

/** What each permission is about: `read` and `work` lie in groups, the rest concerns the whole organisation. */
const kinds: Readonly<Record<Permission, 'read' | 'work' | 'audit' | 'organisation-read' | 'organisation'>> =
  {
    'directory:read': 'read',
    'directory:edit': 'work',
    'notes:write': 'work',
    'commands:read': 'read',
    'commands:issue': 'work',
    'logs:read': 'read',
    'enrolment-tokens:read': 'read',
    'enrolment-tokens:manage': 'work',
    'registrations:approve': 'work',
    'administrators:read': 'organisation-read',
    'administrators:manage': 'organisation',
    'audit:read': 'audit',
    'components:read': 'organisation-read',
    'components:manage': 'organisation',
    'components:deploy': 'organisation',
    'settings:read': 'organisation-read',
    'settings:manage': 'organisation',
    'system:read': 'organisation-read',
    'jobs:manage': 'organisation',
  };
type Kind = (typeof kinds)[Permission];

interface Holder {
  readonly name: string;
  readonly grants: (own: World) => readonly GrantChoice[];
  readonly answers: Readonly<Record<Kind, Readonly<Record<Place, Answer>>>>;
}

const everywhere = { own: 'yes', other: 'yes' } as const;
const nowhere = { own: 'nowhere', other: 'nowhere' } as const;
const ownOnly = { own: 'yes', other: 'hidden' } as const;
const ownOfWhatIsSeen = { own: 'yes', other: 'denied' } as const;
const GONE_GROUP_ID = '019aa000-0000-7000-8000-00000000dead';

const holders: readonly Holder[] = [
  {
    name: 'an enterprise administrator',
    grants: () => [{ roleId: builtInRoleIds.enterpriseAdministrator, groupId: null }],
    answers: {
      read: everywhere,
      work: everywhere,
      audit: everywhere,
      'organisation-read': everywhere,
      organisation: everywhere,
    },
  },
  {
    name: 'an auditor',
    grants: () => [{ roleId: builtInRoleIds.auditor, groupId: null }],
    answers: {
      read: everywhere,
      work: nowhere,
      audit: everywhere,
      'organisation-read': everywhere,
      organisation: nowhere,
    },
  },
  {
    name: 'a group administrator',
    grants: (own) => [inGroup('groupAdministrator', own.groupId)],
    answers: {
      read: ownOnly,
      work: ownOnly,
      audit: nowhere,
      'organisation-read': nowhere,
      organisation: nowhere,
    },
  },
  {
    name: 'an auditor everywhere who is group administrator here',
    grants: (own) => [
      { roleId: builtInRoleIds.auditor, groupId: null },
      inGroup('groupAdministrator', own.groupId),
    ],
    answers: {
      read: everywhere,
      work: ownOfWhatIsSeen,
      audit: everywhere,
      'organisation-read': everywhere,
      organisation: nowhere,
    },
  },
  {
    name: 'a holder of two grants that overlap',
    grants: (own) => [
      inGroup('groupAdministrator', own.groupId),
      inGroup('groupAdministrator', own.innerGroupId),
      inGroup('auditor', own.groupId),
    ],
    answers: {
      read: ownOnly,
      work: ownOnly,
      audit: ownOnly,
      'organisation-read': nowhere,
      organisation: nowhere,
    },
  },
  {
    name: 'an auditor of the group who works in a group within it',
    grants: (own) => [inGroup('auditor', own.groupId), inGroup('groupAdministrator', own.innerTargetId)],
    answers: {
      read: ownOnly,
      work: { own: 'denied', other: 'hidden' },
      audit: ownOnly,
      'organisation-read': nowhere,
      organisation: nowhere,
    },
  },
  {
    name: 'an enterprise administrator of a group',
    grants: (own) => [inGroup('enterpriseAdministrator', own.groupId)],
    answers: {
      read: ownOnly,
      work: ownOnly,
      audit: ownOnly,
      'organisation-read': nowhere,
      organisation: nowhere,
    },
  },
  {
    name: 'a holder of grants on a group that is gone',
    grants: () => [
      inGroup('groupAdministrator', GONE_GROUP_ID),
      inGroup('enterpriseAdministrator', GONE_GROUP_ID),
    ],
    answers: {
      read: nowhere,
      work: nowhere,
      audit: nowhere,
      'organisation-read': nowhere,
      organisation: nowhere,
    },
  },
  {
    name: 'an administrator without any grant',
    grants: () => [],
    answers: {
      read: nowhere,
      work: nowhere,
      audit: nowhere,
      'organisation-read': nowhere,
      organisation: nowhere,
    },
  },
];

let server: TestServer;
let first: TestBrowser;
const browsers = new Map<Holder, TestBrowser>();
const ids = new Map<Holder, string>();

before(async () => {
  server = await startTestServer();
  first = await signInFirstAdministrator(server, 'alice');
  for (const [index, holder] of holders.entries()) {
    const browser = await signInInvited(server, first, `holder-${index}`);
    browsers.set(holder, browser);
    ids.set(holder, (await browser.call(contract.getCurrentSession)).id);
  }
});
after(() => server.close());

/** As they could stand in the database, also those that no route would give. */
async function storeGrants(holder: Holder, own: World): Promise<void> {
  const administratorId = ids.get(holder) ?? '';
  const { db } = server.database;
  await db.deleteFrom('access_grant').where('administrator_id', '=', administratorId).execute();
  for (const { roleId, groupId } of holder.grants(own)) {
    await db
      .insertInto('access_grant')
      .values({
        id: randomUUID(),
        administrator_id: administratorId,
        api_key_id: null,
        role_id: roleId,
        permissions: null,
        group_id: groupId,
        created_at: new Date(server.clock.now()),
        created_by: 'test',
      })
      .execute();
  }
}

const guardedRows = accessRows.filter(({ route }) => 'permission' in route.access);

test('every permission guards a route, so every answer is asked for', () => {
  const guarded = new Set(guardedRows.flatMap(({ route }) => permissionOf(route) ?? []));
  assert.deepEqual(
    permissions.filter((permission) => !guarded.has(permission)),
    [],
  );
  assert.ok(guardedRows.length > 45);
});

for (const row of guardedRows) {
  test(`what holders of grants may with ${row.route.name}`, async () => await checkRow(row));
}

const worlds = new KeptWorlds<Place>(async () => await createWorld(server, first));

async function checkRow(row: AccessRow): Promise<void> {
  const permission = permissionOf(row.route);
  assert.ok(permission !== undefined);
  // Nobody may change anything there, so it serves for every row.
  const other = await worlds.find('other');
  let own = await worlds.find('own');
  const nobodys = worldOfNobody(own);
  const isAboutObject = JSON.stringify(row.parts?.(own)) !== JSON.stringify(row.parts?.(nobodys));
  for (const holder of holders) {
    await storeGrants(holder, own);
    const answers = holder.answers[kinds[permission]];
    const isSomewhere = answers.own !== 'nowhere';
    if (row.elsewhere === 'whole') {
      const isWhole = answers.own === 'yes' && answers.other === 'yes';
      if (row.route.path.includes('/:')) await expectAnswer(row, holder, nobodys, isWhole ? 404 : 403);
      await expectAnswer(row, holder, own, isWhole ? (row.allowed ?? row.route.status) : 403);
      if (isWhole && isChanging(row)) {
        worlds.spoil('own');
        own = await worlds.find('own');
      }
      continue;
    }
    if (isAboutObject && (row.elsewhere === 'hidden' || row.elsewhere === 'wide')) {
      await expectAnswer(row, holder, nobodys, isSomewhere ? 404 : 403);
    }
    if (row.elsewhere !== 'wide' && answers.other !== 'yes') {
      await expectAt(row, holder, other, answers.other);
    }
    await expectAt(row, holder, own, answers.own);
    if (answers.own === 'yes' && isChanging(row)) {
      worlds.spoil('own');
      own = await worlds.find('own');
    }
  }
}

async function expectAt(row: AccessRow, holder: Holder, world: World, answer: Answer): Promise<void> {
  const allowed = row.allowed ?? row.route.status;
  if (answer === 'nowhere') {
    await expectAnswer(row, holder, world, 403);
    return;
  }
  switch (row.elsewhere) {
    case 'hidden':
    case 'wide': {
      const status = { yes: allowed, denied: 403, hidden: 404 }[answer];
      await expectAnswer(row, holder, world, status);
      break;
    }
    case 'filtered': {
      const body = await expectAnswer(row, holder, world, allowed);
      const isShown = objectIdsOf(world).some((id) => body.includes(id));
      if (answer === 'hidden') assert.equal(isShown, false, `${row.route.name} as ${holder.name}: ${body}`);
      break;
    }
    case 'harmless':
      await expectAnswer(row, holder, world, allowed);
      break;
    case 'whole':
    case undefined:
      assert.fail(`${row.route.name} does not say what a holder of another group meets`);
  }
}

async function expectAnswer(row: AccessRow, holder: Holder, world: World, status: number): Promise<string> {
  const answer = await sendRow(server, row, world, browsers.get(holder)?.headers ?? {});
  assert.equal(answer.statusCode, status, `${row.route.name} as ${holder.name}: ${answer.body}`);
  return answer.body;
}

function permissionOf(route: AccessRow['route']): Permission | undefined {
  return 'permission' in route.access ? route.access.permission : undefined;
}
