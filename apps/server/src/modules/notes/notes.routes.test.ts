import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  addNote,
  changeNote,
  listAuditEntries,
  listNotes,
  MAX_NOTE_LENGTH,
  MAX_NOTES_OF_DEVICE,
  type Note,
  type Permission,
  purgeRecycled,
  removeDevice,
  removeNote,
  restoreNote,
  restoreRecycled,
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
after(() => server.close());

async function makeDevice(): Promise<{ groupId: string; deviceId: string }> {
  const groupId = await makeTestGroup(server);
  const [device] = await insertFleet(server, { count: 1, groupId });
  return { groupId, deviceId: device?.id ?? '' };
}

async function write(deviceId: string, text: string, as: CallerHeaders = server.actAs()): Promise<Note> {
  server.clock.advance(1_000);
  return await callApi(server, addNote, { as, params: { deviceId }, body: { text } });
}

async function textsOf(deviceId: string): Promise<string[]> {
  return (await callApi(server, listNotes, { params: { deviceId } })).notes.map((note) => note.text);
}

const helpDesk: readonly Permission[] = ['directory:read', 'notes:write'];

test('notes are listed newest first, with author and time, line breaks kept and markup left alone', async () => {
  const { deviceId } = await makeDevice();
  await write(deviceId, 'screen replaced\r\n\r\n<b>by Alice</b>\n  ');
  const second = await write(deviceId, 'sent back');
  assert.deepEqual(await textsOf(deviceId), ['sent back', 'screen replaced\n\n<b>by Alice</b>']);
  assert.equal(second.createdAt, new Date(server.clock.now()).toISOString());
  assert.match(second.createdBy, /test caller/);
  assert.deepEqual([second.changedAt, second.changedBy, second.revision], [null, null, 1]);
});

test('a text that is none is refused, at the limit and one beyond it', async () => {
  const { deviceId } = await makeDevice();
  await write(deviceId, 'x'.repeat(MAX_NOTE_LENGTH));
  await write(deviceId, '😀'.repeat(MAX_NOTE_LENGTH));
  for (const text of ['', ' \n', '\u200b', 'a\u0085b', 'a\u001b[2J', 'x'.repeat(MAX_NOTE_LENGTH + 1)]) {
    const refused = await refusalOf(server, addNote, { params: { deviceId }, body: { text } });
    assert.equal(refused, 'REQUEST_INVALID', JSON.stringify(text.slice(0, 20)));
  }
  assert.equal((await textsOf(deviceId)).length, 2);
});

test('an author changes and removes an own note; that of somebody else needs the right to edit the device', async () => {
  const { deviceId } = await makeDevice();
  const [alice, bob] = [server.actAs({ permissions: helpDesk }), server.actAs({ permissions: helpDesk })];
  const note = await write(deviceId, 'first', alice);
  assert.equal(note.isOwn, true);
  const params = { noteId: note.id };
  const body = { text: 'second', revision: 1 };
  assert.equal(await refusalOf(server, changeNote, { as: bob, params, body }), 'PERMISSION_DENIED');
  assert.equal(await refusalOf(server, removeNote, { as: bob, params }), 'PERMISSION_DENIED');
  const seen = await callApi(server, listNotes, { as: bob, params: { deviceId } });
  assert.equal(seen.notes[0]?.isOwn, false);
  const changed = await callApi(server, changeNote, { as: alice, params, body });
  assert.deepEqual([changed.text, changed.revision, changed.createdAt], ['second', 2, note.createdAt]);
  const editor = server.actAs({ permissions: [...helpDesk, 'directory:edit'] });
  await callApi(server, changeNote, { as: editor, params, body: { text: 'third', revision: 2 } });
  await callApi(server, removeNote, { as: alice, params });
  assert.equal(await refusalOf(server, restoreNote, { as: bob, params }), 'PERMISSION_DENIED');
  await callApi(server, restoreNote, { as: alice, params });
  assert.deepEqual(await textsOf(deviceId), ['third']);
});

test('an author does not take back what somebody else removed', async () => {
  const { deviceId } = await makeDevice();
  const author = server.actAs({ permissions: helpDesk });
  const editor = server.actAs({ permissions: [...helpDesk, 'directory:edit'] });
  const params = { noteId: (await write(deviceId, 'rude', author)).id };
  await callApi(server, removeNote, { as: editor, params });
  assert.equal(await refusalOf(server, restoreNote, { as: author, params }), 'PERMISSION_DENIED');
  assert.deepEqual(await textsOf(deviceId), []);
  await callApi(server, restoreNote, { as: editor, params });
  await callApi(server, removeNote, { as: author, params });
  await callApi(server, restoreNote, { as: author, params });
  assert.deepEqual(await textsOf(deviceId), ['rude']);
});

test('whoever only reads writes nothing', async () => {
  const { deviceId } = await makeDevice();
  const as = server.actAs({ permissions: ['directory:read'] });
  const refused = await refusalOf(server, addNote, { as, params: { deviceId }, body: { text: 'x' } });
  assert.equal(refused, 'PERMISSION_DENIED');
});

test('whoever saw an older text does not overwrite a newer one', async () => {
  const { deviceId } = await makeDevice();
  const params = { noteId: (await write(deviceId, 'first')).id };
  const attempts = await Promise.all(
    ['a', 'b', 'c'].map((text) =>
      callApi(server, changeNote, { params, body: { text, revision: 1 } }).then(
        () => 'changed',
        () => 'refused',
      ),
    ),
  );
  assert.deepEqual(attempts.toSorted(), ['changed', 'refused', 'refused']);
  assert.equal(
    await refusalOf(server, changeNote, { params, body: { text: 'late', revision: 1 } }),
    'NOTE_CHANGED',
  );
});

test('no old text is lost: the audit log of the device has what every change took away', async () => {
  const { deviceId } = await makeDevice();
  const { id } = await write(deviceId, 'first');
  const params = { noteId: id };
  await callApi(server, changeNote, { params, body: { text: 'second', revision: 1 } });
  await callApi(server, removeNote, { params });
  const { entries } = await callApi(server, listAuditEntries, { query: { objectId: deviceId } });
  assert.deepEqual(
    entries.map((entry) => [entry.action, entry.details['before'] ?? entry.details['text']]),
    [
      ['note.removed', 'second'],
      ['note.changed', 'first'],
      ['note.added', 'first'],
    ],
  );
});

test('a device has 200 notes at most, however many are written at once', async () => {
  const { deviceId } = await makeDevice();
  await sql`
    insert into note (id, device_id, text, created_at, created_by, author_kind, author_id)
    select gen_random_uuid(), ${deviceId}, 'x', now(), 'test', 'system', 'test'
    from generate_series(1, ${MAX_NOTES_OF_DEVICE - 2})`.execute(server.database.db);
  const answers = await Promise.all(
    ['a', 'b', 'c', 'd'].map((text) =>
      callApi(server, addNote, { params: { deviceId }, body: { text } }).then(
        () => 'written',
        () => 'refused',
      ),
    ),
  );
  assert.deepEqual(answers.toSorted(), ['refused', 'refused', 'written', 'written']);
  const refused = await refusalOf(server, addNote, { params: { deviceId }, body: { text: 'more' } });
  assert.equal(refused, 'NOTE_LIMIT_REACHED');
});

test('outside the scope a device has no notes, and a note does not exist', async () => {
  const { deviceId } = await makeDevice();
  const params = { noteId: (await write(deviceId, 'secret')).id };
  const as = server.actAs({ scope: new Set([await makeTestGroup(server)]) });
  const body = { text: 'x', revision: 1 };
  assert.equal(await refusalOf(server, listNotes, { as, params: { deviceId } }), 'DEVICE_NOT_FOUND');
  assert.equal(
    await refusalOf(server, addNote, { as, params: { deviceId }, body: { text: 'x' } }),
    'DEVICE_NOT_FOUND',
  );
  assert.equal(await refusalOf(server, changeNote, { as, params, body }), 'NOTE_NOT_FOUND');
  assert.equal(await refusalOf(server, removeNote, { as, params }), 'NOTE_NOT_FOUND');
  await callApi(server, removeNote, { params });
  assert.equal(await refusalOf(server, restoreNote, { as, params }), 'NOTE_NOT_FOUND');
});

test('a day after its removal a note is gone', async () => {
  const { deviceId } = await makeDevice();
  const params = { noteId: (await write(deviceId, 'x')).id };
  await callApi(server, removeNote, { params });
  await server.jobs.run('prune');
  await callApi(server, restoreNote, { params });
  await callApi(server, removeNote, { params });
  server.clock.advance(86_400_001);
  await server.jobs.run('prune');
  assert.equal(await refusalOf(server, restoreNote, { params }), 'NOTE_NOT_FOUND');
});

test('a device that comes back from the recycle bin has its notes; one that is removed for good takes them along', async () => {
  const { deviceId } = await makeDevice();
  const note = await write(deviceId, 'x');
  const item = await callApi(server, removeDevice, { params: { deviceId } });
  assert.equal(await refusalOf(server, listNotes, { params: { deviceId } }), 'DEVICE_NOT_FOUND');
  assert.equal(await refusalOf(server, removeNote, { params: { noteId: note.id } }), 'NOTE_NOT_FOUND');
  await callApi(server, restoreRecycled, { params: { itemId: item.id } });
  assert.deepEqual(await textsOf(deviceId), ['x']);
  const again = await callApi(server, removeDevice, { params: { deviceId } });
  await callApi(server, purgeRecycled, { params: { itemId: again.id } });
  const { rows } = await sql`select from note where device_id = ${deviceId}`.execute(server.database.db);
  assert.equal(rows.length, 0);
});

test('open consoles hear that the device is another one', async () => {
  const { groupId, deviceId } = await makeDevice();
  await server.hearEvents();
  const heard: LiveMessage[] = [];
  const stop = server.app.platform.live.listen((event) => heard.push(event));
  await write(deviceId, 'x');
  await server.hearEvents();
  stop();
  assert.deepEqual(heard[0]?.event, { type: 'device', deviceId, change: 'changed' });
  assert.equal(heard[0]?.groupPath?.at(-1), groupId);
});
