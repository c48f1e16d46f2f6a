import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import {
  changeDeviceTags,
  changeTag,
  createTag,
  listAuditEntries,
  listTags,
  MAX_TAGS,
  planTagRemoval,
  removeTag,
  restoreTag,
  type Tag,
} from '@holdfast/api';
import { sql } from 'kysely';
import type { LiveMessage } from '../../platform/live/live-views.ts';
import { callApi, refusalOf } from '../../testing/test-api.ts';
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

async function make(name: string): Promise<Tag> {
  return await callApi(server, createTag, { body: { name } });
}

async function names(): Promise<string[]> {
  return (await callApi(server, listTags)).tags.map((tag) => tag.name);
}

async function remove(tagId: string): Promise<void> {
  const { planToken } = await callApi(server, planTagRemoval, { params: { tagId } });
  await callApi(server, removeTag, { params: { tagId }, body: { planToken } });
}

async function makeDevices(count: number, groupId?: string): Promise<string[]> {
  const fleet = await insertFleet(server, { count, ...(groupId === undefined ? {} : { groupId }) });
  return fleet.map((device) => device.id);
}

/** Tags as if people had made them, however many, in one statement. */
async function insertTags(count: number): Promise<void> {
  await sql`
    insert into tag (id, name, name_key, description, colour, created_at, created_by)
    select gen_random_uuid(), 'tag-' || n, 'tag-' || n, '', 'grey', now(), 'test' from generate_series(1, ${count}) n
  `.execute(server.database.db);
}

test('a tag is shown as it was typed first, by name, and stands in the audit log', async () => {
  const tag = await callApi(server, createTag, {
    body: { name: 'Kiosk', description: ' in the hall ', colour: 'teal' },
  });
  assert.deepEqual(
    [tag.name, tag.description, tag.colour, tag.deviceCount],
    ['Kiosk', 'in the hall', 'teal', 0],
  );
  await make('env:prod');
  await make('Büro');
  assert.deepEqual(await names(), ['Büro', 'env:prod', 'Kiosk']);
  const { entries } = await callApi(server, listAuditEntries, { query: { objectId: tag.id } });
  assert.deepEqual(
    entries.map((entry) => [entry.action, entry.objectName]),
    [['tag.created', 'Kiosk']],
  );
});

test('a name is one tag, whatever its capitals and its way to write a letter', async () => {
  await make('Büro');
  for (const name of ['büro', 'BÜRO', 'Bu\u0308ro']) {
    assert.equal(await refusalOf(server, createTag, { body: { name } }), 'TAG_NAME_TAKEN', name);
  }
});

test('a name that is none is refused and makes nothing', async () => {
  for (const name of ['', 'a b', 'a,b', 'a\u200b', 'x'.repeat(41), '...', 'a\n']) {
    assert.equal(
      await refusalOf(server, createTag, { body: { name } }),
      'REQUEST_INVALID',
      JSON.stringify(name),
    );
  }
  const body = { name: 'a', colour: 'mauve' as 'grey' };
  assert.equal(await refusalOf(server, createTag, { body }), 'REQUEST_INVALID');
  assert.deepEqual(await names(), []);
});

test('of several who create one tag at once, one does', async () => {
  const answers = await Promise.all(
    ['lab', 'LAB', 'Lab', 'laB'].map((name) =>
      callApi(server, createTag, { body: { name } }).then(
        () => 'made',
        () => 'refused',
      ),
    ),
  );
  assert.deepEqual(answers.toSorted(), ['made', 'refused', 'refused', 'refused']);
  assert.equal((await names()).length, 1);
});

test('a tag is renamed and recoloured by who saw its last revision, and never to a name that is taken', async () => {
  const lab = await make('lab');
  await make('kiosk');
  const params = { tagId: lab.id };
  const renamed = await callApi(server, changeTag, {
    params,
    body: { revision: 1, name: 'Lab', colour: 'red' },
  });
  assert.deepEqual([renamed.name, renamed.colour, renamed.revision], ['Lab', 'red', 2]);
  assert.equal(
    await refusalOf(server, changeTag, { params, body: { revision: 1, name: 'x' } }),
    'TAG_CHANGED',
  );
  const taken = { revision: 2, name: 'KIOSK' };
  assert.equal(await refusalOf(server, changeTag, { params, body: taken }), 'TAG_NAME_TAKEN');
  const same = await callApi(server, changeTag, { params, body: { revision: 2, colour: 'red' } });
  assert.equal(same.revision, 2);
  const { entries } = await callApi(server, listAuditEntries, { query: { objectId: lab.id } });
  assert.deepEqual(
    entries.map((entry) => entry.details),
    [{ name: { before: 'lab', after: 'Lab' }, colour: { before: 'grey', after: 'red' } }, {}],
  );
});

test('a removal says how many devices lose the tag, and a day long it can be taken back', async () => {
  const ids = await makeDevices(3);
  await callApi(server, changeDeviceTags, {
    body: { targets: { deviceIds: ids }, add: ['lab'], remove: [] },
  });
  const [tag] = (await callApi(server, listTags)).tags;
  const params = { tagId: tag?.id ?? '' };
  const plan = await callApi(server, planTagRemoval, { params });
  assert.equal(plan.deviceCount, 3);
  assert.match(plan.consequences.join(' '), /3 devices lose this tag/);
  await callApi(server, removeTag, { params, body: { planToken: plan.planToken } });
  assert.deepEqual(await names(), []);
  assert.equal(await refusalOf(server, planTagRemoval, { params }), 'TAG_NOT_FOUND');
  const restored = await callApi(server, restoreTag, { params });
  assert.deepEqual([restored.name, restored.deviceCount], ['lab', 3]);
  assert.equal(await refusalOf(server, restoreTag, { params }), 'TAG_NOT_FOUND');

  await remove(params.tagId);
  server.clock.advance(86_400_001);
  assert.equal(await refusalOf(server, restoreTag, { params }), 'TAG_NOT_FOUND');
  await server.jobs.run('prune');
  for (const table of ['tag', 'tag_device', 'tag_change']) {
    const { rows } = await sql`select from ${sql.table(table)}`.execute(server.database.db);
    assert.equal(rows.length, 0, table);
  }
});

test('what was shown of a removal is what is done: more devices meanwhile are another plan', async () => {
  const [first = '', second = ''] = await makeDevices(2);
  const put = async (deviceId: string) =>
    await callApi(server, changeDeviceTags, {
      body: { targets: { deviceIds: [deviceId] }, add: ['lab'], remove: [] },
    });
  await put(first);
  const [tag] = (await callApi(server, listTags)).tags;
  const params = { tagId: tag?.id ?? '' };
  const { planToken } = await callApi(server, planTagRemoval, { params });
  await put(second);
  assert.equal(await refusalOf(server, removeTag, { params, body: { planToken } }), 'DIRECTORY_CHANGED');
});

test('a tag comes back only to a name that nobody took meanwhile', async () => {
  const lab = await make('lab');
  await remove(lab.id);
  await make('LAB');
  assert.equal(await refusalOf(server, restoreTag, { params: { tagId: lab.id } }), 'TAG_NAME_TAKEN');
});

test('a thousand tags are possible and one more is not; removed ones give way to new ones', async () => {
  await insertTags(MAX_TAGS - 1);
  const last = await make('last');
  assert.equal(await refusalOf(server, createTag, { body: { name: 'more' } }), 'TAG_LIMIT_REACHED');
  await remove(last.id);
  await make('more');
  assert.equal((await names()).length, MAX_TAGS);
  assert.equal(await refusalOf(server, restoreTag, { params: { tagId: last.id } }), 'TAG_NOT_FOUND');
});

test('counts are of the devices that the caller sees, without the recycle bin', async () => {
  const [mine, theirs] = [await makeTestGroup(server), await makeTestGroup(server)];
  const ids = [...(await makeDevices(2, mine)), ...(await makeDevices(3, theirs))];
  await callApi(server, changeDeviceTags, {
    body: { targets: { deviceIds: ids }, add: ['lab'], remove: [] },
  });
  await sql`
    with item as (
      insert into recycled_item (id, kind, object_id, name, path, scope_path, device_count, group_count, removed_at, removed_by)
      values (gen_random_uuid(), 'device', ${ids[0]}, 'x', '{}', array[${mine}::uuid], 1, 0, now(), 'test') returning id
    ) update device set removed_item_id = item.id from item where device.id = ${ids[0]}`.execute(
    server.database.db,
  );
  const countFor = async (as = server.actAs()) =>
    (await callApi(server, listTags, { as })).tags[0]?.deviceCount;
  assert.equal(await countFor(), 4);
  assert.equal(await countFor(server.actAs({ scope: new Set([mine]) })), 1);
  assert.equal(await countFor(server.actAs({ scope: new Set([theirs]) })), 3);
});

test('tags belong to the organisation: whoever edits only a group changes none', async () => {
  const lab = await make('lab');
  const as = server.actAs({ scope: new Set([await makeTestGroup(server)]) });
  const params = { tagId: lab.id };
  assert.equal(await refusalOf(server, createTag, { as, body: { name: 'x' } }), 'PERMISSION_DENIED');
  assert.equal(
    await refusalOf(server, changeTag, { as, params, body: { revision: 1, name: 'x' } }),
    'PERMISSION_DENIED',
  );
  assert.equal(await refusalOf(server, planTagRemoval, { as, params }), 'PERMISSION_DENIED');
  assert.equal(
    await refusalOf(server, removeTag, { as, params, body: { planToken: 'x' } }),
    'PERMISSION_DENIED',
  );
  assert.equal(await refusalOf(server, restoreTag, { as, params }), 'PERMISSION_DENIED');
  assert.deepEqual(await names(), ['lab']);
});

test('open consoles hear of it, and whether devices show other names now', async () => {
  // What other tests left to be told.
  await server.hearEvents();
  const heard: LiveMessage[] = [];
  const stop = server.app.platform.live.listen((event) => heard.push(event));
  const lab = await make('lab');
  const params = { tagId: lab.id };
  await callApi(server, changeTag, { params, body: { revision: 1, colour: 'red' } });
  await callApi(server, changeTag, { params, body: { revision: 2, name: 'labs' } });
  await remove(lab.id);
  stop();
  const event = (areDevicesConcerned: boolean): LiveMessage => ({
    event: { type: 'tags', areDevicesConcerned },
    permission: 'directory:read',
  });
  assert.deepEqual(heard, [event(false), event(false), event(true), event(true)]);
});
