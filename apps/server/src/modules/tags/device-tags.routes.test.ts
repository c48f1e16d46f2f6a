import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import {
  type BodyOf,
  changeDeviceTags,
  createTag,
  type DeviceSummary,
  exportDevices,
  getDevice,
  listAuditEntries,
  listDevices,
  listTags,
  MAX_TAGS_OF_DEVICE,
  moveDevices,
  planDeviceMove,
  planDeviceTags,
  planTagRemoval,
  purgeRecycled,
  removeDevice,
  removeTag,
  restoreRecycled,
  undoTagChange,
} from '@holdfast/api';
import { sql } from 'kysely';
import type { LiveMessage } from '../../platform/live/live-views.ts';
import { callApi, refusalOf } from '../../testing/test-api.ts';
import type { CallerHeaders } from '../../testing/test-callers.ts';
import { insertFleet } from '../../testing/test-fleet.ts';
import { makeTestGroup } from '../../testing/test-group.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  await sql`truncate tag cascade`.execute(server.database.db);
});
after(() => server.close());

async function makeDevices(count: number): Promise<{ groupId: string; ids: string[] }> {
  const groupId = await makeTestGroup(server);
  const fleet = await insertFleet(server, { count, groupId });
  return { groupId, ids: fleet.map((device) => device.id) };
}

type Change = Partial<Pick<BodyOf<typeof changeDeviceTags>, 'add' | 'remove' | 'planToken'>>;

function bodyOf(deviceIds: string[], change: Change): BodyOf<typeof changeDeviceTags> {
  return { targets: { deviceIds }, add: [], remove: [], ...change };
}

async function change(deviceIds: string[], wanted: Change, as?: CallerHeaders) {
  return await callApi(server, changeDeviceTags, {
    body: bodyOf(deviceIds, wanted),
    ...(as === undefined ? {} : { as }),
  });
}

async function tagsOf(deviceId: string): Promise<string[]> {
  return (await callApi(server, getDevice, { params: { deviceId } })).device.tags;
}

const manyNames = (count: number, prefix = 't'): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);

test('tags are put on and taken off, shown by name, and unknown ones are made', async () => {
  const { ids } = await makeDevices(2);
  const [first = '', second = ''] = ids;
  assert.equal((await change(ids, { add: ['lab', 'Kiosk', 'LAB'] })).changedCount, 2);
  assert.deepEqual(await tagsOf(first), ['Kiosk', 'lab']);
  assert.equal((await change([first], { add: ['env:prod'], remove: ['kiosk'] })).changedCount, 1);
  assert.deepEqual(await tagsOf(first), ['env:prod', 'lab']);
  assert.deepEqual(await tagsOf(second), ['Kiosk', 'lab']);
  const { tags } = await callApi(server, listTags);
  assert.deepEqual(
    tags.map((tag) => [tag.name, tag.deviceCount]),
    [
      ['env:prod', 1],
      ['Kiosk', 1],
      ['lab', 2],
    ],
  );
});

test('what is so already changes nothing, records nothing, and has nothing to take back', async () => {
  const { ids } = await makeDevices(2);
  await change(ids, { add: ['lab'] });
  const again = await change(ids, { add: ['lab'] });
  assert.deepEqual(again, { changedCount: 0, changeId: null });
  const { entries } = await callApi(server, listAuditEntries, { query: { objectId: ids[0] ?? '' } });
  assert.equal(entries.length, 1);
});

test('a plan says which tags the devices have and on how many each would change, and changes nothing', async () => {
  const { ids } = await makeDevices(3);
  await change(ids.slice(0, 1), { add: ['kiosk'] });
  await change(ids, { add: ['old'] });
  const plan = await callApi(server, planDeviceTags, {
    body: bodyOf(ids, { add: ['kiosk', 'new'], remove: ['OLD'] }),
  });
  assert.deepEqual([plan.targetCount, plan.deviceCount, plan.newTags], [3, 3, ['new']]);
  assert.deepEqual(plan.tags, [
    { name: 'kiosk', deviceCount: 1 },
    { name: 'old', deviceCount: 3 },
  ]);
  assert.deepEqual(plan.consequences, [
    '"kiosk" is put on 2 devices; 1 has it already.',
    'The new tag "new" is put on 3 devices.',
    '"old" is taken off 3 devices.',
  ]);
  assert.deepEqual(await tagsOf(ids[0] ?? ''), ['kiosk', 'old']);
  assert.equal((await callApi(server, listTags)).tags.length, 2);
});

test('a filter is changed by the plan that was shown, or not at all', async () => {
  const { groupId, ids } = await makeDevices(3);
  const body = { targets: { filter: { groupId } }, add: ['lab'], remove: [] };
  assert.equal(await refusalOf(server, changeDeviceTags, { body }), 'TAG_PLAN_MISSING');
  const { planToken } = await callApi(server, planDeviceTags, { body });
  await insertFleet(server, { count: 1, groupId });
  assert.equal(
    await refusalOf(server, changeDeviceTags, { body: { ...body, planToken } }),
    'DIRECTORY_CHANGED',
  );
  assert.deepEqual(await tagsOf(ids[0] ?? ''), []);
  const now = await callApi(server, planDeviceTags, { body });
  const done = await callApi(server, changeDeviceTags, { body: { ...body, planToken: now.planToken } });
  assert.equal(done.changedCount, 4);
  assert.deepEqual(await tagsOf(ids[0] ?? ''), ['lab']);
});

test('a change is taken back exactly, once, on the devices that it changed', async () => {
  const { ids } = await makeDevices(3);
  const [first = '', second = '', third = ''] = ids;
  await change([first], { add: ['lab'] });
  await change([second], { add: ['old'] });
  const { changeId } = await change(ids, { add: ['lab'], remove: ['old'] });
  const params = { changeId: changeId ?? '' };
  await change([third], { add: ['since'] });
  assert.deepEqual(await callApi(server, undoTagChange, { params }), { changedCount: 2 });
  assert.deepEqual(await tagsOf(first), ['lab']);
  assert.deepEqual(await tagsOf(second), ['old']);
  assert.deepEqual(await tagsOf(third), ['since']);
  assert.equal(await refusalOf(server, undoTagChange, { params }), 'TAG_CHANGE_NOT_FOUND');
});

test('after a day, and by who may not edit all of its devices, a change is not taken back', async () => {
  const { groupId, ids } = await makeDevices(2);
  const other = await makeTestGroup(server);
  const { changeId } = await change(ids, { add: ['lab'] });
  const params = { changeId: changeId ?? '' };
  const move = { deviceIds: ids.slice(0, 1), groupId: other };
  const { planToken } = await callApi(server, planDeviceMove, { body: move });
  await callApi(server, moveDevices, { body: { ...move, planToken } });
  const as = server.actAs({ scope: new Set([groupId]) });
  assert.equal(await refusalOf(server, undoTagChange, { as, params }), 'TAG_CHANGE_NOT_FOUND');
  server.clock.advance(86_400_001);
  assert.equal(await refusalOf(server, undoTagChange, { params }), 'TAG_CHANGE_NOT_FOUND');
  assert.deepEqual(await tagsOf(ids[0] ?? ''), ['lab']);
});

test('taking back passes over devices that are gone and tags that were removed', async () => {
  const { ids } = await makeDevices(2);
  const [first = '', second = ''] = ids;
  const { changeId } = await change(ids, { add: ['lab', 'kiosk'] });
  await callApi(server, removeDevice, { params: { deviceId: first } });
  const [kiosk] = (await callApi(server, listTags)).tags;
  const tag = { tagId: kiosk?.id ?? '' };
  const { planToken } = await callApi(server, planTagRemoval, { params: tag });
  await callApi(server, removeTag, { params: tag, body: { planToken } });
  const undone = await callApi(server, undoTagChange, { params: { changeId: changeId ?? '' } });
  assert.equal(undone.changedCount, 1);
  assert.deepEqual(await tagsOf(second), []);
});

test('a device has 32 tags at most, and one too many on one device ends the whole change', async () => {
  const { ids } = await makeDevices(2);
  const [full = '', empty = ''] = ids;
  await change([full], { add: manyNames(MAX_TAGS_OF_DEVICE) });
  assert.equal((await tagsOf(full)).length, MAX_TAGS_OF_DEVICE);
  assert.equal(
    await refusalOf(server, changeDeviceTags, { body: bodyOf(ids, { add: ['more'] }) }),
    'DEVICE_TAGS_FULL',
  );
  assert.equal(
    await refusalOf(server, planDeviceTags, { body: bodyOf(ids, { add: ['more'] }) }),
    'DEVICE_TAGS_FULL',
  );
  assert.deepEqual(await tagsOf(empty), []);
  assert.equal((await callApi(server, listTags)).tags.length, MAX_TAGS_OF_DEVICE, 'no tag was made');
  // One goes as one comes, and what a full device has already is no addition.
  await change([full], { add: ['more'], remove: ['t1'] });
  await change(ids, { add: ['t2'] });
  assert.equal((await tagsOf(full)).length, MAX_TAGS_OF_DEVICE);
});

test('taking back never gives a device more tags than it may have', async () => {
  const { ids } = await makeDevices(1);
  await change(ids, { add: manyNames(MAX_TAGS_OF_DEVICE) });
  const { changeId } = await change(ids, { remove: ['t1'] });
  await change(ids, { add: ['since'] });
  const params = { changeId: changeId ?? '' };
  assert.equal(await refusalOf(server, undoTagChange, { params }), 'DEVICE_TAGS_FULL');
  await change(ids, { remove: ['since'] });
  assert.equal((await callApi(server, undoTagChange, { params })).changedCount, 1);
});

test('of changes at once each is made, one tag comes of one name, and the limit holds', async () => {
  const { ids } = await makeDevices(1);
  const wishes = [...manyNames(40, 'n'), 'same', 'SAME', 'Same'];
  const answers = await Promise.all(
    wishes.map((name) =>
      change(ids, { add: [name] }).then(
        () => true,
        () => false,
      ),
    ),
  );
  const tags = await tagsOf(ids[0] ?? '');
  assert.equal(tags.length, MAX_TAGS_OF_DEVICE);
  assert.ok(answers.includes(false));
  assert.ok(tags.filter((name) => name.toLowerCase() === 'same').length <= 1);
});

test('a tag on both sides, a tag to take off that is none, and names that are none are refused', async () => {
  const { ids } = await makeDevices(1);
  const refused = async (wanted: Change) =>
    await refusalOf(server, changeDeviceTags, { body: bodyOf(ids, wanted) });
  assert.equal(await refused({ add: ['lab'], remove: ['LAB'] }), 'TAG_CHANGE_CONTRADICTORY');
  assert.equal(await refused({ remove: ['nothing'] }), 'TAG_NOT_FOUND');
  for (const name of ['', 'a b', 'a\u200b', 'x'.repeat(41)]) {
    assert.equal(await refused({ add: [name] }), 'REQUEST_INVALID', JSON.stringify(name));
  }
  assert.equal(await refused({ add: manyNames(33) }), 'REQUEST_INVALID');
  const nobody = bodyOf(['019aa000-0000-7000-8000-000000000001', ...ids], { add: ['lab'] });
  assert.equal(await refusalOf(server, changeDeviceTags, { body: nobody }), 'DEVICE_NOT_FOUND');
  assert.deepEqual(await tagsOf(ids[0] ?? ''), []);
});

test('more devices than one change may concern are refused before anything is done', async () => {
  const { groupId } = await makeDevices(0);
  await insertFleet(server, { count: 20_000, groupId });
  const body = { targets: { filter: { groupId } }, add: manyNames(21), remove: [] };
  assert.equal(await refusalOf(server, planDeviceTags, { body }), 'TAG_CHANGE_TOO_LARGE');
});

test('whoever edits a group tags its devices, with tags that exist, and sees no others', async () => {
  const { groupId, ids } = await makeDevices(1);
  const foreign = await makeDevices(1);
  await callApi(server, createTag, { body: { name: 'lab' } });
  const as = server.actAs({ scope: new Set([groupId]) });
  assert.equal((await change(ids, { add: ['lab'] }, as)).changedCount, 1);
  const refused = async (deviceIds: string[], wanted: Change) =>
    await refusalOf(server, changeDeviceTags, { as, body: bodyOf(deviceIds, wanted) });
  assert.equal(await refused(foreign.ids, { add: ['lab'] }), 'DEVICE_NOT_FOUND');
  assert.equal(await refused([...ids, ...foreign.ids], { remove: ['lab'] }), 'DEVICE_NOT_FOUND');
  assert.equal(await refused(ids, { add: ['new'] }), 'TAG_NOT_FOUND');
  const everything = { targets: { filter: {} }, add: [], remove: ['lab'] };
  const plan = await callApi(server, planDeviceTags, { as, body: everything });
  assert.equal(plan.targetCount, 1);
  assert.deepEqual(await tagsOf(foreign.ids[0] ?? ''), []);
});

test('reading alone, or editing alone with a filter, is not enough', async () => {
  const { groupId, ids } = await makeDevices(1);
  const reader = server.actAs({ permissions: ['directory:read'] });
  const body = bodyOf(ids, { add: ['lab'] });
  assert.equal(await refusalOf(server, changeDeviceTags, { as: reader, body }), 'PERMISSION_DENIED');
  const editor = server.actAs({ permissions: ['directory:edit'] });
  const filter = { targets: { filter: { groupId } }, add: ['lab'], remove: [] };
  assert.equal(await refusalOf(server, planDeviceTags, { as: editor, body: filter }), 'PERMISSION_DENIED');
  assert.equal((await change(ids, { add: ['lab'] }, editor)).changedCount, 1);
});

test('each device has its entry in the audit log with what changed on it; of very many each group has one', async () => {
  const { ids } = await makeDevices(2);
  const [first = '', second = ''] = ids;
  await change([first], { add: ['lab'] });
  const { changeId } = await change(ids, { add: ['lab', 'kiosk'] });
  await callApi(server, undoTagChange, { params: { changeId: changeId ?? '' } });
  const detailsOf = async (objectId: string) =>
    (
      await callApi(server, listAuditEntries, { query: { objectId, action: 'device.tags-changed' } })
    ).entries.map((entry) => entry.details);
  assert.deepEqual(await detailsOf(second), [
    { added: [], removed: ['kiosk', 'lab'], undoes: changeId },
    { added: ['lab', 'kiosk'].toSorted(), removed: [] },
  ]);
  assert.deepEqual((await detailsOf(first))[1], { added: ['kiosk'], removed: [] });

  const { groupId } = await makeDevices(0);
  await insertFleet(server, { count: 1_001, groupId });
  const body = { targets: { filter: { groupId } }, add: ['lab'], remove: [] };
  const { planToken } = await callApi(server, planDeviceTags, { body });
  await callApi(server, changeDeviceTags, { body: { ...body, planToken } });
  assert.deepEqual(await detailsOf(groupId), [{ deviceCount: 1_001, added: ['lab'], removed: [] }]);
});

test('open consoles hear of each changed device, and of very many that they should ask again', async () => {
  const { groupId, ids } = await makeDevices(2);
  await server.hearEvents();
  const heard: LiveMessage[] = [];
  const stop = server.app.platform.live.listen((event) => heard.push(event));
  await change(ids, { add: ['lab'] });
  const devices = heard.filter(({ event }) => event.type === 'device');
  assert.deepEqual(
    devices.map(({ event }) => ('deviceId' in event ? String(event.deviceId) : '')).toSorted(),
    ids.toSorted(),
  );
  assert.ok(
    devices.every(
      ({ permission, groupPath }) => permission === 'directory:read' && groupPath?.at(-1) === groupId,
    ),
  );
  heard.length = 0;
  await insertFleet(server, { count: 1_001, groupId });
  const body = { targets: { filter: { groupId } }, add: ['kiosk'], remove: [] };
  const { planToken } = await callApi(server, planDeviceTags, { body });
  await callApi(server, changeDeviceTags, { body: { ...body, planToken } });
  stop();
  assert.deepEqual(heard, [
    { event: { type: 'tags', areDevicesConcerned: true }, permission: 'directory:read' },
  ]);
});

test('a device that comes back from the recycle bin has its tags; one that is removed for good takes them along', async () => {
  const { ids } = await makeDevices(1);
  const [deviceId = ''] = ids;
  await change(ids, { add: ['lab'] });
  const item = await callApi(server, removeDevice, { params: { deviceId } });
  const count = async () => (await callApi(server, listTags)).tags[0]?.deviceCount;
  assert.equal(await count(), 0);
  assert.equal(
    await refusalOf(server, changeDeviceTags, { body: bodyOf(ids, { remove: ['lab'] }) }),
    'DEVICE_NOT_FOUND',
  );
  await callApi(server, restoreRecycled, { params: { itemId: item.id } });
  assert.deepEqual(await tagsOf(deviceId), ['lab']);
  const again = await callApi(server, removeDevice, { params: { deviceId } });
  await callApi(server, purgeRecycled, { params: { itemId: again.id } });
  const left = await sql`select from tag_device`.execute(server.database.db);
  assert.equal(left.rows.length, 0);
});

test('an export has the tags of each device, and none that a spreadsheet would run', async () => {
  const { groupId, ids } = await makeDevices(1);
  await change(ids, { add: ['-1:cmd', 'lab'] });
  const url = (format: string) => `${exportDevices.path}?groupId=${groupId}&format=${format}`;
  const csv = await server.call({ method: 'GET', url: url('csv') }, server.actAs());
  const [head, line] = csv.body.split('\r\n');
  assert.match(head ?? '', /,registered,tags(,|$)/);
  assert.match(line ?? '', /Z,"'-1:cmd, lab"(,|$)/);
  const json = await server.call({ method: 'GET', url: url('json') }, server.actAs());
  assert.deepEqual((JSON.parse(json.body) as DeviceSummary).tags, ['-1:cmd', 'lab']);
});

test('a device that gets another name while it gets a tag is listed by the new one', async () => {
  const { ids } = await makeDevices(1);
  const [id = ''] = ids;
  const { db } = server.database;
  let changing: Promise<unknown> = Promise.resolve();
  await db.transaction().execute(async (transaction) => {
    await sql`update device set name_key = 'zz', display_name = 'zz' where id = ${id}`.execute(transaction);
    changing = change(ids, { add: ['lab'] });
    let isDone = false;
    void changing.finally(() => {
      isDone = true;
    });
    // Until the change waits for this transaction, or is through without having waited.
    for (let isWaiting = false; !isWaiting && !isDone; ) {
      const { rows } = await sql`
        select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
        db,
      );
      isWaiting = rows.length > 0;
    }
  });
  await changing;
  const { rows } = await sql<{ name_key: string }>`select name_key from tag_device`.execute(db);
  assert.deepEqual(rows, [{ name_key: 'zz' }]);
});

test('the list is read in the order of names by a tag, also after a device got another name', async () => {
  const { ids } = await makeDevices(3);
  await change(ids, { add: ['lab'] });
  const [, second = ''] = ids;
  const { db } = server.database;
  await sql`update device set name_key = '0', display_name = '0' where id = ${second}`.execute(db);
  const { rows } = await sql<{ device_id: string }>`
    select device_id from tag_device order by name_key limit 1`.execute(db);
  assert.equal(rows[0]?.device_id, second);
  const { devices } = await callApi(server, listDevices, { query: { tag: ['lab'] } });
  assert.equal(devices[0]?.id, second);
});
