import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  changeSavedView,
  createSavedView,
  listAuditEntries,
  listSavedViews,
  MAX_SAVED_VIEWS,
  type Permission,
  removeSavedView,
  type SavedView,
  type ViewContent,
  withdrawSavedView,
} from '@holdfast/api';
import { callApi, refusalOf } from '../../testing/test-api.ts';
import type { CallerHeaders } from '../../testing/test-callers.ts';
import { makeTestGroup } from '../../testing/test-group.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());

const reading: readonly Permission[] = ['directory:read'];
const editing: readonly Permission[] = ['directory:read', 'directory:edit'];
const offline = { filter: { status: 'offline' } } as const;

async function save(
  as: CallerHeaders,
  name: string,
  input: { content?: ViewContent; isShared?: boolean } = {},
): Promise<SavedView> {
  const { content = offline, isShared = false } = input;
  return await callApi(server, createSavedView, { as, body: { name, content, isShared } });
}

async function namesFor(as: CallerHeaders): Promise<string[]> {
  return (await callApi(server, listSavedViews, { as })).savedViews.map(({ name }) => name);
}

test('an own view is listed by name, for nobody else, and says what it was given', async () => {
  const [alice, bob] = [server.actAs({ permissions: reading }), server.actAs({ permissions: reading })];
  await save(alice, 'Zweite');
  const filter = { search: 'kiosk', platform: 'linux', tag: ['env:prod'], withSubgroups: false } as const;
  const shown: ViewContent = {
    filter: { ...filter, tag: ['env:prod'] },
    sort: 'last-seen',
    order: 'descending',
    columns: ['name', 'address'],
  };
  const first = await save(alice, 'alle Kioske', { content: shown });
  assert.deepEqual(await namesFor(alice), ['alle Kioske', 'Zweite']);
  assert.deepEqual(first.content, shown);
  assert.deepEqual([first.isOwn, first.isShared, first.revision], [true, false, 1]);
  assert.deepEqual(await namesFor(bob), []);
  const params = { savedViewId: first.id };
  for (const as of [bob, server.actAs({ permissions: editing })]) {
    const body = { name: 'mine', revision: 1 };
    assert.equal(await refusalOf(server, changeSavedView, { as, params, body }), 'SAVED_VIEW_NOT_FOUND');
    assert.equal(await refusalOf(server, removeSavedView, { as, params }), 'SAVED_VIEW_NOT_FOUND');
  }
});

test('names of one owner differ whatever their capitals, and two owners may use the same', async () => {
  const [alice, bob] = [server.actAs({ permissions: reading }), server.actAs({ permissions: reading })];
  const one = await save(alice, 'İstanbul');
  const two = await save(alice, 'Ankara');
  await save(bob, 'Ankara');
  const body = { name: 'ANKARA', content: offline };
  assert.equal(await refusalOf(server, createSavedView, { as: alice, body }), 'SAVED_VIEW_NAME_TAKEN');
  const rename = { as: alice, params: { savedViewId: one.id }, body: { name: 'ankara', revision: 1 } };
  assert.equal(await refusalOf(server, changeSavedView, rename), 'SAVED_VIEW_NAME_TAKEN');
  const again = { as: alice, params: { savedViewId: two.id }, body: { name: 'ANKARA', revision: 1 } };
  assert.equal((await callApi(server, changeSavedView, again)).name, 'ANKARA');
  assert.equal(await refusalOf(server, changeSavedView, again), 'SAVED_VIEW_CHANGED');
});

test('what is shared is seen by all who may see its group, and by nobody else', async () => {
  const groupId = await makeTestGroup(server);
  const otherGroupId = await makeTestGroup(server);
  const owner = server.actAs({ permissions: editing });
  const shared = await save(owner, 'Shared with all', { isShared: true });
  const ofGroup = await save(owner, 'Shared in a group', {
    content: { filter: { groupId } },
    isShared: true,
  });
  const inside = server.actAs({ permissions: reading, scope: new Set([groupId]) });
  const outside = server.actAs({ permissions: editing, scope: new Set([otherGroupId]) });
  assert.deepEqual(await namesFor(inside), ['Shared in a group', 'Shared with all']);
  assert.deepEqual(await namesFor(outside), ['Shared with all']);
  const params = { savedViewId: ofGroup.id };
  assert.equal(await refusalOf(server, removeSavedView, { as: outside, params }), 'SAVED_VIEW_NOT_FOUND');
  assert.equal(await refusalOf(server, removeSavedView, { as: inside, params }), 'SAVED_VIEW_NOT_FOUND');
  assert.equal(await refusalOf(server, withdrawSavedView, { as: inside, params }), 'PERMISSION_DENIED');
  const ofAll = { savedViewId: shared.id };
  assert.equal(
    await refusalOf(server, withdrawSavedView, { as: outside, params: ofAll }),
    'PERMISSION_DENIED',
  );
  const keeper = server.actAs({ permissions: editing });
  const seen = (await callApi(server, listSavedViews, { as: keeper })).savedViews;
  assert.equal(seen.find(({ id }) => id === shared.id)?.isOwn, false);
  assert.equal(
    await refusalOf(server, removeSavedView, { as: keeper, params: ofAll }),
    'SAVED_VIEW_NOT_FOUND',
  );
  await callApi(server, withdrawSavedView, { as: keeper, params: ofAll });
  assert.deepEqual(await namesFor(outside), []);
  assert.deepEqual(await namesFor(owner), ['Shared in a group', 'Shared with all'], 'its owner has it still');
  assert.equal(
    await refusalOf(server, withdrawSavedView, { as: keeper, params: ofAll }),
    'SAVED_VIEW_NOT_FOUND',
  );
});

test('sharing needs the right to edit, also later, and a group that one may not see does not exist', async () => {
  const groupId = await makeTestGroup(server);
  const reader = server.actAs({ permissions: reading });
  const body = { name: 'For all', content: offline, isShared: true };
  assert.equal(await refusalOf(server, createSavedView, { as: reader, body }), 'PERMISSION_DENIED');
  const own = await save(reader, 'For me');
  const share = { as: reader, params: { savedViewId: own.id }, body: { isShared: true, revision: 1 } };
  assert.equal(await refusalOf(server, changeSavedView, share), 'PERMISSION_DENIED');
  assert.deepEqual(await namesFor(server.actAs({ permissions: reading })), ['Shared in a group']);
  const elsewhere = server.actAs({ permissions: editing, scope: new Set([await makeTestGroup(server)]) });
  const ofGroup = { name: 'x', content: { filter: { groupId } } };
  assert.equal(await refusalOf(server, createSavedView, { as: elsewhere, body: ofGroup }), 'GROUP_NOT_FOUND');
});

test('one owner has a bounded number, also when many are saved at once', async () => {
  const as = server.actAs({ permissions: reading });
  for (let index = 0; index < MAX_SAVED_VIEWS - 2; index += 1) await save(as, `view ${index}`);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 6 }, async (_, index) => await save(as, `at once ${index}`)),
  );
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 2);
  const { savedViews } = await callApi(server, listSavedViews, { as });
  assert.equal(savedViews.filter(({ isOwn }) => isOwn).length, MAX_SAVED_VIEWS);
  const body = { name: 'one more', content: offline };
  assert.equal(await refusalOf(server, createSavedView, { as, body }), 'SAVED_VIEW_LIMIT_REACHED');
});

test('each change is in the audit log with what the view was', async () => {
  const as = server.actAs({ permissions: editing });
  const view = await save(as, 'Audited', { isShared: true });
  const params = { savedViewId: view.id };
  await callApi(server, changeSavedView, { as, params, body: { name: 'Renamed', revision: 1 } });
  await callApi(server, removeSavedView, { as, params });
  const { entries } = await callApi(server, listAuditEntries, { query: { objectId: view.id } });
  assert.deepEqual(
    entries.map(({ action, objectName }) => [action, objectName]),
    [
      ['saved-view.removed', 'Renamed'],
      ['saved-view.changed', 'Renamed'],
      ['saved-view.created', 'Audited'],
    ],
  );
  assert.deepEqual(entries[0]?.details, { ...offline, isShared: true });
});
