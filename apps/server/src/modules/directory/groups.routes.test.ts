import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  createGroup,
  getDirectorySummary,
  type Group,
  listAuditEntries,
  listDevices,
  listGroups,
  listRecycleBin,
  moveGroup,
  planGroupMove,
  planGroupRemoval,
  purgeRecycled,
  removeGroup,
  renameGroup,
  restoreRecycled,
} from '@holdfast/api';
import { insertFleet } from '../../testing/test-fleet.ts';
import { callApi, refusalOf } from '../../testing/test-api.ts';
import { createTestToken, TestProduct } from '../../testing/test-product.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { assertNoPath } from './group-tree.ts';
import { NEW_DEVICES_GROUP_ID, TOP_GROUP_ID } from './index.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());

let made = 0;
async function make(name?: string, parentId: string = TOP_GROUP_ID): Promise<Group> {
  made += 1;
  return await callApi(server, createGroup, { body: { parentId, name: name ?? `Group ${made}` } });
}

async function groupNamed(name: string): Promise<Group | undefined> {
  return (await callApi(server, listGroups)).groups.find((group) => group.name === name);
}

async function move(group: Group, parentId: string): Promise<Group> {
  const params = { groupId: group.id };
  const { planToken } = await callApi(server, planGroupMove, { params, body: { parentId } });
  return await callApi(server, moveGroup, { params, body: { parentId, planToken } });
}

async function remove(group: Group) {
  const params = { groupId: group.id };
  const { planToken } = await callApi(server, planGroupRemoval, { params });
  return await callApi(server, removeGroup, { params, body: { planToken } });
}

test('a directory begins with the top group and a group for new devices, which stay as they are', async () => {
  const { groups } = await callApi(server, listGroups);
  assert.deepEqual(
    groups.slice(0, 2).map((group) => [group.id, group.name, group.path, group.isFixed]),
    [
      [TOP_GROUP_ID, 'All devices', [], true],
      [NEW_DEVICES_GROUP_ID, 'New devices', ['New devices'], true],
    ],
  );
  const other = await make();
  for (const groupId of [TOP_GROUP_ID, NEW_DEVICES_GROUP_ID]) {
    const params = { groupId };
    assert.equal(
      await refusalOf(server, renameGroup, { params, body: { name: 'x', revision: 1 } }),
      'GROUP_FIXED',
    );
    assert.equal(
      await refusalOf(server, planGroupMove, { params, body: { parentId: other.id } }),
      'GROUP_FIXED',
    );
    assert.equal(await refusalOf(server, planGroupRemoval, { params }), 'GROUP_FIXED');
  }
});

test('a group is created below its parent, with its name cleaned', async () => {
  const parent = await make('Germany');
  const child = await make('  Berlin   Mitte ', parent.id);
  assert.deepEqual(
    [child.name, child.path, child.depth, child.parentId],
    ['Berlin Mitte', ['Germany', 'Berlin Mitte'], 2, parent.id],
  );
  const { entries } = await callApi(server, listAuditEntries, { query: { objectId: child.id } });
  assert.deepEqual(
    entries.map((entry) => entry.action),
    ['group.created'],
  );
});

test('siblings have different names, whatever their case; cousins may share one', async () => {
  const parent = await make('Names');
  await make('Sales', parent.id);
  const body = { parentId: parent.id, name: 'SALES' };
  assert.equal(await refusalOf(server, createGroup, { body }), 'GROUP_NAME_TAKEN');
  const other = await make('Other', parent.id);
  assert.equal(
    await refusalOf(server, renameGroup, {
      params: { groupId: other.id },
      body: { name: 'sales', revision: other.revision },
    }),
    'GROUP_NAME_TAKEN',
  );
  const cousin = await make('Sales', other.id);
  const plan = await callApi(server, planGroupMove, {
    params: { groupId: cousin.id },
    body: { parentId: parent.id },
  });
  const moving = {
    params: { groupId: cousin.id },
    body: { parentId: parent.id, planToken: plan.planToken },
  };
  assert.equal(await refusalOf(server, moveGroup, moving), 'GROUP_NAME_TAKEN');
});

test('of two groups of one name that are created at once, one is made', async () => {
  const parent = await make();
  const results = await Promise.allSettled(Array.from({ length: 5 }, () => make('Same', parent.id)));
  assert.equal(results.filter((result) => result.status === 'fulfilled').length, 1);
});

test('a rename reaches the path of everything below, and needs the revision that was seen', async () => {
  const parent = await make('Old');
  const child = await make('Child', parent.id);
  const input = { params: { groupId: parent.id }, body: { name: 'New', revision: parent.revision } };
  await callApi(server, renameGroup, input);
  assert.deepEqual((await groupNamed('Child'))?.path, ['New', 'Child']);
  assert.equal(await refusalOf(server, renameGroup, input), 'GROUP_CHANGED');
  assert.notEqual((await groupNamed('Child'))?.revision, child.revision);
});

test('a move says beforehand what it changes, and carries everything along', async () => {
  const from = await make('From');
  const to = await make('To');
  const moved = await make('Moved', from.id);
  const below = await make('Below', moved.id);
  await insertFleet(server, { count: 3, groupId: below.id });
  await createTestToken(server, { groupId: below.id });
  const plan = await callApi(server, planGroupMove, {
    params: { groupId: moved.id },
    body: { parentId: to.id },
  });
  assert.equal(plan.groupCount, 2);
  assert.equal(plan.deviceCount, 3);
  assert.deepEqual(plan.consequences, [
    '1 subgroup and 3 devices move along.',
    'The enrolment token "test token" puts its devices there too.',
  ]);
  const result = await callApi(server, moveGroup, {
    params: { groupId: moved.id },
    body: { parentId: to.id, planToken: plan.planToken },
  });
  assert.deepEqual(result.path, ['To', 'Moved']);
  assert.deepEqual((await groupNamed('Below'))?.path, ['To', 'Moved', 'Below']);
  const { count } = await callApi(server, listDevices, { query: { groupId: to.id } });
  assert.equal(count.value, 3);
});

test('a plan is refused when the directory has changed since it was shown', async () => {
  const group = await make();
  const to = await make();
  const params = { groupId: group.id };
  const body = { parentId: to.id };
  const stale = async (change: () => Promise<unknown>) => {
    const moving = await callApi(server, planGroupMove, { params, body });
    const removing = await callApi(server, planGroupRemoval, { params });
    await change();
    const move = { params, body: { ...body, planToken: moving.planToken } };
    assert.equal(await refusalOf(server, moveGroup, move), 'DIRECTORY_CHANGED');
    const removal = { params, body: { planToken: removing.planToken } };
    assert.equal(await refusalOf(server, removeGroup, removal), 'DIRECTORY_CHANGED');
  };
  await stale(() => insertFleet(server, { count: 1, groupId: group.id }));
  await stale(() => make('a subgroup', group.id));
  await stale(() =>
    callApi(server, renameGroup, { params, body: { name: 'renamed', revision: group.revision } }),
  );
  await stale(() => createTestToken(server, { groupId: group.id }));
  assert.notEqual(await groupNamed('renamed'), undefined, 'nothing was moved or removed');
});

test('a group cannot be moved into itself', async () => {
  const group = await make();
  const below = await make(undefined, group.id);
  for (const parentId of [group.id, below.id]) {
    const input = { params: { groupId: group.id }, body: { parentId } };
    assert.equal(await refusalOf(server, planGroupMove, input), 'GROUP_CYCLE');
  }
});

test('two moves that would close a ring do not both happen', async () => {
  const left = await make();
  const right = await make();
  const plan = (group: Group, parentId: string) =>
    callApi(server, planGroupMove, { params: { groupId: group.id }, body: { parentId } });
  const [first, second] = [await plan(left, right.id), await plan(right, left.id)];
  const results = await Promise.allSettled([
    callApi(server, moveGroup, {
      params: { groupId: left.id },
      body: { parentId: right.id, planToken: first.planToken },
    }),
    callApi(server, moveGroup, {
      params: { groupId: right.id },
      body: { parentId: left.id, planToken: second.planToken },
    }),
  ]);
  assert.equal(results.filter((result) => result.status === 'fulfilled').length, 1);
});

test('groups are nested sixteen levels deep and no deeper', async () => {
  let group = await make();
  while (group.depth < 16) group = await make(undefined, group.id);
  const body = { parentId: group.id, name: 'too deep' };
  assert.equal(await refusalOf(server, createGroup, { body }), 'GROUP_TOO_DEEP');
});

test('a removed group lies in the recycle bin with all in it, and comes back to its place', async () => {
  const parent = await make('Home');
  const group = await make('Away', parent.id);
  const below = await make('Deep', group.id);
  await insertFleet(server, { count: 2, groupId: below.id });
  const item = await remove(group);
  assert.deepEqual(
    [item.kind, item.name, item.path, item.deviceCount, item.groupCount],
    ['group', 'Away', ['Home'], 2, 2],
  );
  assert.equal(await groupNamed('Deep'), undefined);
  assert.equal(
    await refusalOf(server, planGroupRemoval, { params: { groupId: group.id } }),
    'GROUP_NOT_FOUND',
  );
  const inParent = { query: { groupId: parent.id } };
  assert.equal((await callApi(server, listDevices, inParent)).count.value, 0);
  const restored = await callApi(server, restoreRecycled, { params: { itemId: item.id } });
  assert.deepEqual(restored, { kind: 'group', id: group.id, path: ['Home', 'Away'] });
  assert.deepEqual((await groupNamed('Deep'))?.path, ['Home', 'Away', 'Deep']);
  assert.equal((await callApi(server, listDevices, inParent)).count.value, 2);
  assert.equal(
    await refusalOf(server, restoreRecycled, { params: { itemId: item.id } }),
    'RECYCLED_ITEM_NOT_FOUND',
  );
});

test('a restored group whose name is taken meanwhile says that it was restored', async () => {
  const parent = await make();
  const group = await make('Twice', parent.id);
  await make('below', group.id);
  const item = await remove(group);
  await make('twice', parent.id);
  const { path } = await callApi(server, restoreRecycled, { params: { itemId: item.id } });
  assert.deepEqual(path, [parent.name, 'Twice (restored)']);
  assert.deepEqual((await groupNamed('below'))?.path, [parent.name, 'Twice (restored)', 'below']);
});

test('what lay in a group that is gone comes back to the top group', async () => {
  const parent = await make('Gone');
  const child = await make('Orphan', parent.id);
  await make('Grandchild', child.id);
  const childItem = await remove(child);
  const parentItem = await remove(parent);
  await callApi(server, purgeRecycled, { params: { itemId: parentItem.id } });
  const { path } = await callApi(server, restoreRecycled, { params: { itemId: childItem.id } });
  assert.deepEqual(path, ['Orphan']);
  assert.deepEqual((await groupNamed('Grandchild'))?.path, ['Orphan', 'Grandchild']);
});

test('products in the recycle bin go on reporting; removed for good, they wait for re-admission', async () => {
  const group = await make();
  const product = await new TestProduct(server).join(await createTestToken(server, { groupId: group.id }));
  const item = await remove(group);
  server.clock.advance(60_000);
  assert.equal((await product.heartbeat()).statusCode, 200);
  assert.equal(server.app.modules.presence.currentPresence(product.productNumber).reason, 'heartbeat-https');
  assert.equal((await product.shakeHands()).statusCode, 200);
  await callApi(server, purgeRecycled, { params: { itemId: item.id } });
  assert.equal((await product.heartbeat()).rawPayload.readUInt16BE(2), 2, 'told to make a handshake');
  assert.equal((await product.shakeHands()).statusCode, 404);
  assert.equal((await callApi(server, getDirectorySummary)).waitingCount, 1);
});

test('outside its scope a group does not exist', async () => {
  const mine = await make('Mine');
  const below = await make('Mine too', mine.id);
  const theirs = await make('Theirs');
  const item = await remove(await make('Thrown away', theirs.id));
  const as = server.actAs({ scope: new Set([mine.id]) });
  const { groups } = await callApi(server, listGroups, { as });
  assert.deepEqual(
    groups.map((group) => group.id),
    [mine.id, below.id],
  );
  assert.deepEqual((await callApi(server, listRecycleBin, { as })).items, []);
  const params = { groupId: theirs.id };
  const refusals = [
    await refusalOf(server, createGroup, { body: { parentId: theirs.id, name: 'x' }, as }),
    await refusalOf(server, createGroup, { body: { parentId: TOP_GROUP_ID, name: 'x' }, as }),
    await refusalOf(server, renameGroup, { params, body: { name: 'x', revision: 1 }, as }),
    await refusalOf(server, planGroupMove, { params, body: { parentId: mine.id }, as }),
    await refusalOf(server, planGroupMove, {
      params: { groupId: below.id },
      body: { parentId: theirs.id },
      as,
    }),
    await refusalOf(server, planGroupRemoval, { params, as }),
    await refusalOf(server, getDirectorySummary, { query: { groupId: theirs.id }, as }),
    await refusalOf(server, listDevices, { query: { groupId: theirs.id }, as }),
  ];
  assert.deepEqual([...new Set(refusals)], ['GROUP_NOT_FOUND']);
  const itemParams = { params: { itemId: item.id }, as };
  assert.equal(await refusalOf(server, restoreRecycled, itemParams), 'RECYCLED_ITEM_NOT_FOUND');
  assert.equal(await refusalOf(server, purgeRecycled, itemParams), 'RECYCLED_ITEM_NOT_FOUND');
});

test('reading needs one permission and changing another', async () => {
  const group = await make();
  const reader = server.actAs({ permissions: ['directory:read'] });
  const nobody = server.actAs({ permissions: ['audit:read'] });
  assert.equal(await refusalOf(server, listGroups, { as: nobody }), 'PERMISSION_DENIED');
  assert.equal(await refusalOf(server, getDirectorySummary, { as: nobody }), 'PERMISSION_DENIED');
  const params = { groupId: group.id };
  const refusals = [
    await refusalOf(server, createGroup, { body: { parentId: group.id, name: 'x' }, as: reader }),
    await refusalOf(server, renameGroup, { params, body: { name: 'x', revision: 1 }, as: reader }),
    await refusalOf(server, planGroupMove, { params, body: { parentId: TOP_GROUP_ID }, as: reader }),
    await refusalOf(server, planGroupRemoval, { params, as: reader }),
    await refusalOf(server, removeGroup, { params, body: { planToken: 'x' }, as: reader }),
  ];
  assert.deepEqual([...new Set(refusals)], ['PERMISSION_DENIED']);
});

test('the summary counts what the caller sees', async () => {
  const group = await make();
  await insertFleet(server, { count: 4, groupId: group.id });
  const product = await new TestProduct(server).join(await createTestToken(server, { groupId: group.id }));
  const summary = await callApi(server, getDirectorySummary, { query: { groupId: group.id } });
  assert.equal(summary.deviceCount, 5);
  assert.equal(summary.byStatus['online'], 1);
  assert.equal(summary.byStatus['offline'], 4);
  assert.equal(summary.byPlatform['linux'], 5);
  assert.deepEqual(summary.encryption, { encrypted: 0, notEncrypted: 0, unknown: 5 });
  const scoped = await callApi(server, getDirectorySummary, {
    as: server.actAs({ scope: new Set([group.id]) }),
  });
  assert.equal(scoped.deviceCount, 5);
  assert.equal(scoped.groupCount, 1);
  assert.equal(product.registered?.groupId, group.id);
});

test('every change tells open views, and names nothing they may not see', async () => {
  // What other tests left to be told.
  await server.hearEvents();
  const events: string[] = [];
  const stop = server.app.platform.live.listen(({ event }) => events.push(event.type));
  const hear = async (): Promise<void> => {
    await server.hearEvents();
    assert.deepEqual(events.splice(0), ['groups']);
  };
  const to = await make();
  await hear();
  const group = await make();
  await hear();
  await move(group, to.id);
  await hear();
  await remove(group);
  await hear();
  stop();
});

test('a plan names the API keys whose sight changes', async () => {
  const group = await make();
  const to = await make();
  const { db } = server.database;
  const id = server.app.platform.createId();
  await db
    .insertInto('administrator')
    .values({
      id,
      name: 'owner',
      name_key: 'owner',
      display_name: 'Owner',
      role: 'enterprise-administrator',
      state: 'invited',
      created_at: new Date(server.clock.now()),
    } as never)
    .execute();
  for (const [name, scopeGroupId] of [
    ['reports', to.id],
    ['scanner', group.id],
  ]) {
    await db
      .insertInto('api_key')
      .values({
        id: server.app.platform.createId(),
        name,
        prefix: `hfk_${String(name).padEnd(8, 'x').slice(0, 8)}`,
        key_hash: Buffer.alloc(32, String(name)),
        permissions: ['directory:read'],
        scope_group_id: scopeGroupId,
        owner_id: id,
        created_at: new Date(server.clock.now()),
        created_by: 'test',
      } as never)
      .execute();
  }
  const plan = await callApi(server, planGroupMove, {
    params: { groupId: group.id },
    body: { parentId: to.id },
  });
  assert.ok(plan.consequences.includes('The API key "reports" gains sight of it.'), plan.consequences.join());
  const removal = await callApi(server, planGroupRemoval, { params: { groupId: group.id } });
  assert.ok(removal.consequences.includes('The API key "scanner" sees nothing any more.'));
});

test('a path in place of a name is refused with what to do instead, for a new group and for a new name', async () => {
  const body = { parentId: TOP_GROUP_ID, name: 'Lyon/Sales' };
  assert.equal(await refusalOf(server, createGroup, { body }), 'GROUP_NAME_IS_PATH');
  assert.equal(await groupNamed('Lyon/Sales'), undefined);
  const group = await make('Lyon');
  const renaming = {
    params: { groupId: group.id },
    body: { name: 'Lyon/Sales', revision: group.revision },
  };
  assert.equal(await refusalOf(server, renameGroup, renaming), 'GROUP_NAME_IS_PATH');
  assert.throws(() => assertNoPath('Lyon/Sales'), {
    remedy: 'Create the group "Lyon" first, then "Sales" in it.',
  });
});
