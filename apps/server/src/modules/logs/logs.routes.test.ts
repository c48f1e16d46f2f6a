/** What products may upload, and what becomes of it. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  createGroup,
  getLogSettings,
  listAuditEntries,
  listLogEntries,
  type LogRecord,
  type QueryOf,
  updateLogSettings,
} from '@holdfast/api';
import { limits, mcpPath } from '@holdfast/protocol';
import { sql } from 'kysely';
import type { LiveMessage } from '../../platform/live/live-views.ts';
import { callApi, refusalOf } from '../../testing/test-api.ts';
import type { CallerHeaders } from '../../testing/test-callers.ts';
import { type FleetDevice, forgetFleet, insertFleet } from '../../testing/test-fleet.ts';
import {
  createEntries,
  createJournal,
  forgetLogs,
  readSequences,
  sendLogs,
  uploadLogs,
} from '../../testing/test-logs.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { TOP_GROUP_ID } from '../directory/index.ts';

let server: TestServer;
let groupId: string;
let subgroupId: string;
let desk: FleetDevice;
let lamp: FleetDevice;

before(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  await forgetLogs(server);
  await forgetFleet(server);
  groupId = (await callApi(server, createGroup, { body: { parentId: TOP_GROUP_ID, name: 'Berlin' } })).id;
  subgroupId = (await callApi(server, createGroup, { body: { parentId: groupId, name: 'Sales' } })).id;
  desk = await addDevice(groupId);
  lamp = await addDevice(subgroupId);
});
after(() => server.close());

async function addDevice(inGroupId: string | undefined): Promise<FleetDevice> {
  const [device] = await insertFleet(server, {
    count: 1,
    ...(inGroupId === undefined ? {} : { groupId: inGroupId }),
  });
  assert.ok(device !== undefined);
  return device;
}

async function list(query: QueryOf<typeof listLogEntries> = {}, as?: CallerHeaders): Promise<LogRecord[]> {
  const entries: LogRecord[] = [];
  let cursor: string | null = null;
  do {
    const page: { entries: LogRecord[]; nextCursor: string | null } = await callApi(server, listLogEntries, {
      query: { ...query, ...(cursor === null ? {} : { cursor }) },
      ...(as === undefined ? {} : { as }),
    });
    entries.push(...page.entries);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return entries;
}

async function codeOf(body: unknown, productNumber = desk.productNumber): Promise<string> {
  const answer = await sendLogs(server, productNumber, body);
  assert.ok(answer.statusCode >= 400, answer.body);
  return answer.json<{ code: string }>().code;
}

const [one] = createEntries(1, 1);

test('an entry is shown as it was sent, with both times and its device', async () => {
  const facts = { version: '1.0.0', nested: { list: [1, 'two', null] } };
  await uploadLogs(server, desk.productNumber, createJournal(), [
    {
      sequence: 7,
      at: 1_795_300_000_000,
      type: 'agent-started',
      severity: 'notice',
      text: 'Bücher 📚',
      facts,
    },
  ]);
  assert.deepEqual(await list(), [
    {
      id: (await list())[0]?.id,
      receivedAt: new Date(server.clock.now()).toISOString(),
      at: new Date(1_795_300_000_000).toISOString(),
      source: 'product',
      productNumber: desk.productNumber,
      deviceId: desk.id,
      deviceName: `device-${desk.productNumber}`,
      type: 'agent-started',
      severity: 'notice',
      text: 'Bücher 📚',
      facts,
    },
  ]);
});

test('log entries are a sign of life', async () => {
  const { presence } = server.app.modules;
  presence.beginEpoch(desk.productNumber, 1);
  server.clock.advance(5_000);
  await uploadLogs(server, desk.productNumber, createJournal(), createEntries(1, 1));
  const { status, reason, lastSeenAt } = presence.currentPresence(desk.productNumber);
  assert.deepEqual(
    { status, reason, lastSeenAt },
    { status: 'online', reason: 'logs', lastSeenAt: new Date(server.clock.now()).toISOString() },
  );
});

test('a time that no calendar knows is kept as the last one', async () => {
  const journal = createJournal();
  await uploadLogs(server, desk.productNumber, journal, createEntries(1, 1, { at: Number.MAX_SAFE_INTEGER }));
  assert.equal((await list())[0]?.at, '9999-12-31T23:59:59.999Z');
});

test('a batch that is not of the protocol is refused as a whole and changes nothing', async () => {
  const journal = createJournal();
  const big = { note: 'x'.repeat(limits.maxLogFactsBytes) };
  let deep: Record<string, unknown> = {};
  for (let level = 0; level < 13; level += 1) deep = { deep };
  const wrongs: [string, unknown][] = [
    ['REQUEST_INVALID', { journal, entries: [] }],
    ['REQUEST_INVALID', { journal: 'mine', entries: [one] }],
    ['REQUEST_INVALID', { journal, entries: createEntries(1, limits.maxLogEntriesPerCall + 1) }],
    ['REQUEST_INVALID', { journal, entries: [one], more: true }],
    ['REQUEST_INVALID', { journal, entries: [one, { ...one, sequence: 2, more: true }] }],
    ['REQUEST_INVALID', { journal, entries: [{ ...one, sequence: 0 }] }],
    ['REQUEST_INVALID', { journal, entries: [{ ...one, severity: 'fatal' }] }],
    ['REQUEST_INVALID', { journal, entries: [{ ...one, type: 'Agent Started' }] }],
    [
      'REQUEST_INVALID',
      { journal, entries: [{ ...one, text: 'x'.repeat(limits.maxLogTextCharacters + 1) }] },
    ],
    ['REQUEST_INVALID', { journal, entries: [{ ...one, facts: [] }] }],
    ['MESSAGE_MALFORMED', { journal, entries: [one, { ...one, sequence: 2 }, { ...one, sequence: 2 }] }],
    ['MESSAGE_MALFORMED', { journal, entries: [{ ...one, sequence: 2 }, one] }],
    ['MESSAGE_MALFORMED', { journal, acknowledged: 1, entries: [one] }],
    ['MESSAGE_TOO_LARGE', { journal, entries: [one, { ...one, sequence: 2, facts: big }] }],
    ['MESSAGE_TOO_DEEP', { journal, entries: [one, { ...one, sequence: 2, facts: deep }] }],
    ['BODY_INVALID', { journal, entries: [{ ...one, text: 'a\u0000b' }] }],
    ['BODY_INVALID', { journal, entries: [{ ...one, facts: { '\ud800': 1 } }] }],
  ];
  for (const [code, body] of wrongs)
    assert.equal(await codeOf(body), code, JSON.stringify(body).slice(0, 120));
  assert.deepEqual(await list(), []);
  assert.equal(await uploadLogs(server, desk.productNumber, journal, createEntries(1, 1)), 1);
});

test('false claims about what was acknowledged count against the allowance of the day', async () => {
  await sql`
    insert into log_allowance (product_number, day, entry_count)
    values (${desk.productNumber}, ${new Date(server.clock.now()).toISOString()}::date, 39999)
  `.execute(server.database.db);
  const journal = createJournal();
  const important = (sequence: number) => createEntries(sequence, 1, { severity: 'critical' });
  for (const sequence of [10, 20, 30]) {
    const body = { journal, acknowledged: sequence - 1, entries: important(sequence) };
    assert.equal((await sendLogs(server, desk.productNumber, body)).statusCode, 200);
  }
  const types = (await list()).map(({ type }) => type).toSorted();
  assert.deepEqual(types, ['log-entries-dropped', 'log-entries-lost']);
});

test('packed batches are taken, and bombs are refused', async () => {
  const journal = createJournal();
  const answer = await sendLogs(
    server,
    desk.productNumber,
    { journal, entries: createEntries(1, 400) },
    { isPacked: true },
  );
  assert.deepEqual(answer.json(), { acknowledged: 400 });
  const send = async (payload: Buffer): Promise<string> => {
    const refused = await server.call(
      {
        method: 'POST',
        url: mcpPath.logs,
        headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
        payload,
      },
      server.actAsProduct(desk.productNumber),
    );
    assert.ok(refused.statusCode >= 400);
    return refused.json<{ code: string }>().code;
  };
  const spaces = Buffer.alloc(100 * limits.maxLogBodyBytes, ' ');
  assert.equal(await send(gzipSync(spaces)), 'MESSAGE_TOO_LARGE');
  const liar = gzipSync(spaces);
  liar.writeUInt32LE(100, liar.length - 4);
  assert.equal(await send(liar), 'MESSAGE_TOO_LARGE');
  assert.equal(await send(Buffer.alloc(limits.maxCompressedLogBodyBytes + 1)), 'MESSAGE_TOO_LARGE');
  assert.equal(await send(Buffer.from('{"journal":')), 'BODY_INVALID');
  assert.equal(await send(gzipSync('{"journal":')), 'BODY_INVALID');
  assert.equal((await readSequences(server, desk.productNumber, journal)).length, 400);
});

test('journals of two products with one name never mix', async () => {
  const journal = createJournal();
  assert.equal(await uploadLogs(server, desk.productNumber, journal, createEntries(1, 5)), 5);
  assert.equal(await uploadLogs(server, lamp.productNumber, journal, createEntries(1, 3)), 3);
  assert.equal(await uploadLogs(server, desk.productNumber, journal, createEntries(4, 4)), 7);
  assert.deepEqual(await readSequences(server, lamp.productNumber, journal), [1, 2, 3]);
  assert.deepEqual(await readSequences(server, desk.productNumber, journal), [1, 2, 3, 4, 5, 6, 7]);
});

test('a product has at most 16 journals; one that was idle for 90 days makes room', async () => {
  const journals = Array.from({ length: 16 }, createJournal);
  for (const journal of journals) await uploadLogs(server, desk.productNumber, journal, createEntries(1, 1));
  const late = { journal: createJournal(), entries: createEntries(1, 1) };
  assert.equal(await codeOf(late), 'LOG_JOURNALS_FULL');
  // What it has goes on, and another product is not concerned.
  assert.equal(await uploadLogs(server, desk.productNumber, journals[3] ?? '', createEntries(2, 1)), 2);
  assert.equal((await sendLogs(server, lamp.productNumber, late)).statusCode, 200);
  server.clock.advance(89 * 86_400_000);
  for (const journal of journals.slice(1)) {
    await uploadLogs(server, desk.productNumber, journal, createEntries(3, 1));
  }
  assert.equal(await codeOf(late), 'LOG_JOURNALS_FULL');
  server.clock.advance(2 * 86_400_000);
  assert.equal((await sendLogs(server, desk.productNumber, late)).statusCode, 200);
  const { rows } = await sql<{ journal: string }>`
    select journal from log_journal where product_number = ${desk.productNumber}`.execute(server.database.db);
  assert.equal(rows.length, 16);
  assert.ok(!rows.some(({ journal }) => journal === journals[0]));
});

test('new journals that come at once do not slip past the bound', async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, () =>
      sendLogs(server, desk.productNumber, { journal: createJournal(), entries: createEntries(1, 1) }),
    ),
  );
  assert.equal(answers.filter(({ statusCode }) => statusCode === 200).length, 16);
  assert.equal(answers.filter(({ statusCode }) => statusCode === 409).length, 4);
});

test('beyond the allowance of a day only what matters is kept, then nothing, and one entry says so', async () => {
  const journal = createJournal();
  await uploadLogs(server, desk.productNumber, journal, createEntries(1, 1));
  const use = async (entryCount: number): Promise<void> => {
    await sql`update log_allowance set entry_count = ${entryCount} where product_number = ${desk.productNumber}`.execute(
      server.database.db,
    );
  };
  await use(19_998);
  assert.equal(await uploadLogs(server, desk.productNumber, journal, createEntries(2, 10)), 11);
  const warnings = createEntries(12, 2, { severity: 'warning' });
  assert.equal(await uploadLogs(server, desk.productNumber, journal, warnings), 13);
  assert.equal(await uploadLogs(server, desk.productNumber, journal, createEntries(14, 3)), 16);
  assert.deepEqual(await readSequences(server, desk.productNumber, journal), [1, 2, 3, 12, 13]);
  const notices = async (): Promise<LogRecord[]> => await list({ type: 'log-entries-dropped' });
  const at = (sequence: number): number | undefined => createEntries(sequence, 1)[0]?.at;
  assert.deepEqual(
    (await notices()).map(({ source, severity, facts }) => ({ source, severity, facts })),
    [{ source: 'server', severity: 'warning', facts: { count: 11, firstAt: at(4), lastAt: at(16) } }],
  );
  // Calling everything critical does not help either.
  await use(40_000);
  await uploadLogs(server, desk.productNumber, journal, createEntries(17, 2, { severity: 'critical' }));
  assert.equal((await notices())[0]?.facts?.['count'], 13);
  // The other product has an allowance of its own, and tomorrow is another day.
  await uploadLogs(server, lamp.productNumber, journal, createEntries(1, 2));
  assert.deepEqual(await readSequences(server, lamp.productNumber, journal), [1, 2]);
  server.clock.advance(86_400_000);
  await uploadLogs(server, desk.productNumber, journal, createEntries(19, 2));
  assert.deepEqual((await readSequences(server, desk.productNumber, journal)).slice(-2), [19, 20]);
  assert.equal((await notices()).length, 1);
});

test('what came is told to whoever may see it, gathered in turns', async () => {
  const journal = createJournal();
  // What other tests left to be told.
  await server.ticks.run('logs.announce');
  const events: LiveMessage[] = [];
  const stop = server.app.platform.live.listen((event) => events.push(event));
  await uploadLogs(server, lamp.productNumber, journal, createEntries(1, 3));
  await uploadLogs(server, lamp.productNumber, journal, createEntries(3, 2, { severity: 'error' }));
  await uploadLogs(server, lamp.productNumber, journal, createEntries(3, 2, { severity: 'critical' }));
  await server.ticks.run('logs.announce');
  await server.ticks.run('logs.announce');
  const logEvents = events.filter(({ event }) => event.type === 'logs');
  assert.deepEqual(logEvents, [
    {
      event: { type: 'logs', deviceId: lamp.id, count: 4, highestSeverity: 'error' },
      permission: 'logs:read',
      groupPath: [TOP_GROUP_ID, groupId, subgroupId],
    },
  ]);
  events.length = 0;
  const fleet = await insertFleet(server, { count: 205, groupId });
  for (const { productNumber } of fleet)
    await uploadLogs(server, productNumber, journal, createEntries(1, 1));
  await server.ticks.run('logs.announce');
  stop();
  assert.equal(events.length, 201);
  assert.deepEqual(events.at(-1), {
    event: { type: 'logs', deviceId: null, count: null, highestSeverity: null },
    permission: 'logs:read',
  });
});

test('how long entries are kept can be changed by whoever manages the whole server, and is audited', async () => {
  const before = await callApi(server, getLogSettings);
  assert.deepEqual(before, { revision: 1, logs: { retentionDays: 90 }, changedAt: null, changedBy: null });
  const changed = await callApi(server, updateLogSettings, {
    body: { revision: 1, logs: { retentionDays: 30 } },
  });
  assert.deepEqual([changed.revision, changed.logs], [2, { retentionDays: 30 }]);
  assert.deepEqual(await callApi(server, getLogSettings), changed);
  const stale = { body: { revision: 1, logs: { retentionDays: 10 } } };
  assert.equal(await refusalOf(server, updateLogSettings, stale), 'SETTING_REVISION_STALE');
  for (const retentionDays of [0, 3_651, 1.5]) {
    const body = { revision: 2, logs: { retentionDays } };
    assert.equal(await refusalOf(server, updateLogSettings, { body }), 'REQUEST_INVALID');
  }
  const limited = server.actAs({ scope: new Set([groupId]) });
  assert.equal(await refusalOf(server, getLogSettings, { as: limited }), 'PERMISSION_DENIED');
  const { entries } = await callApi(server, listAuditEntries, { query: { action: 'settings.changed' } });
  assert.deepEqual(entries[0]?.details, { before: { retentionDays: 90 }, after: { retentionDays: 30 } });
  await sql`delete from setting`.execute(server.database.db);
});
