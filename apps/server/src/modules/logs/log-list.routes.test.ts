/** Which entries a reader sees, in which order, over how many pages. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { createGroup, listLogEntries, type LogRecord, type QueryOf } from '@holdfast/api';
import { sql } from 'kysely';
import { callApi, refusalOf } from '../../testing/test-api.ts';
import type { CallerHeaders } from '../../testing/test-callers.ts';
import { type FleetDevice, forgetFleet, insertFleet } from '../../testing/test-fleet.ts';
import { createEntries, createJournal, forgetLogs, uploadLogs } from '../../testing/test-logs.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { TOP_GROUP_ID } from '../directory/index.ts';
import { LogListService } from './log-list.service.ts';
import type { LogPlace } from './log-query.store.ts';

let server: TestServer;
let groupId: string;
let subgroupId: string;
let desk: FleetDevice;
let lamp: FleetDevice;
let elsewhere: FleetDevice;

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
  elsewhere = await addDevice(undefined);
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

test('filters by device, product, group, type, severity, time and text', async () => {
  const journal = createJournal();
  await uploadLogs(server, desk.productNumber, journal, [
    ...createEntries(1, 1, { text: 'The agent has started.' }),
    ...createEntries(2, 1, { type: 'disk-full', severity: 'error', text: '100% full_up' }),
  ]);
  server.clock.advance(60_000);
  const middleAt = new Date(server.clock.now()).toISOString();
  await uploadLogs(server, lamp.productNumber, journal, createEntries(1, 1, { severity: 'warning' }));
  server.clock.advance(60_000);
  await uploadLogs(server, elsewhere.productNumber, journal, createEntries(1, 1, { severity: 'debug' }));
  const found = async (query: QueryOf<typeof listLogEntries>): Promise<string[]> =>
    (await list(query)).map(({ productNumber, type }) => `${productNumber} ${type}`);
  const deskStart = `${desk.productNumber} agent-started`;
  const deskFull = `${desk.productNumber} disk-full`;
  const lampStart = `${lamp.productNumber} agent-started`;
  const otherStart = `${elsewhere.productNumber} agent-started`;
  assert.deepEqual(await found({}), [otherStart, lampStart, deskFull, deskStart]);
  assert.deepEqual(await found({ limit: 1 }), [otherStart, lampStart, deskFull, deskStart]);
  assert.deepEqual(await found({ productNumber: desk.productNumber }), [deskFull, deskStart]);
  assert.deepEqual(await found({ deviceId: lamp.id }), [lampStart]);
  assert.deepEqual(await found({ groupId }), [lampStart, deskFull, deskStart]);
  assert.deepEqual(await found({ groupId: subgroupId }), [lampStart]);
  assert.deepEqual(await found({ type: 'disk-full' }), [deskFull]);
  assert.deepEqual(await found({ type: 'agent-started', limit: 1 }), [otherStart, lampStart, deskStart]);
  assert.deepEqual(await found({ severity: 'debug' }), [otherStart, lampStart, deskFull, deskStart]);
  assert.deepEqual(await found({ severity: 'info' }), [lampStart, deskFull, deskStart]);
  assert.deepEqual(await found({ severity: 'warning', limit: 1 }), [lampStart, deskFull]);
  assert.deepEqual(await found({ severity: 'critical' }), []);
  assert.deepEqual(await found({ type: 'agent-started', severity: 'warning' }), [lampStart]);
  assert.deepEqual(await found({ groupId, severity: 'error' }), [deskFull]);
  assert.deepEqual(await found({ from: middleAt }), [otherStart, lampStart]);
  assert.deepEqual(await found({ to: middleAt }), [deskFull, deskStart]);
  assert.deepEqual(await found({ search: 'AGENT HAS' }), [deskStart]);
  assert.deepEqual(await found({ search: '% full_' }), [deskFull]);
  assert.deepEqual(await found({ search: '_' }), [deskFull]);
  assert.deepEqual(await found({ search: 'nothing like it' }), []);
  assert.equal(await refusalOf(server, listLogEntries, { query: { from: 'yesterday' } }), 'REQUEST_INVALID');
  for (const place of [[1], [1, -1], [1e15, 1], [1, 1, 1]]) {
    const cursor = Buffer.from(JSON.stringify(['logs', ...place])).toString('base64url');
    assert.equal(await refusalOf(server, listLogEntries, { query: { cursor } }), 'CURSOR_INVALID');
  }
});

test('entries of many days come in order over pages of any size', async () => {
  const journal = createJournal();
  const expected: number[] = [];
  for (let sequence = 1; sequence <= 12; sequence += 1) {
    await uploadLogs(server, desk.productNumber, journal, createEntries(2 * sequence, 2));
    expected.unshift(2 * sequence + 1, 2 * sequence);
    server.clock.advance(3 * 86_400_000 + 3_600_000);
  }
  for (const limit of [1, 5, 7, 500]) {
    for (const query of [{}, { severity: 'info' }, { type: 'agent-started' }, { groupId }] as const) {
      const texts = (await list({ ...query, limit })).map(({ text }) => text);
      assert.deepEqual(
        texts,
        expected.map((sequence) => `entry ${sequence}`),
      );
    }
  }
});

test('nobody sees entries outside the scope, by any filter', async () => {
  const journal = createJournal();
  for (const { productNumber } of [desk, lamp, elsewhere])
    await uploadLogs(server, productNumber, journal, createEntries(1, 1, { severity: 'error' }));
  const sales = server.actAs({ scope: new Set([subgroupId]) });
  const seen = async (query: QueryOf<typeof listLogEntries>, as = sales): Promise<number[]> =>
    (await list(query, as)).map(({ productNumber }) => productNumber);
  assert.deepEqual(await seen({}), [lamp.productNumber]);
  for (const query of [
    { productNumber: desk.productNumber },
    { deviceId: desk.id },
    { deviceId: elsewhere.id, severity: 'error' },
    { productNumber: desk.productNumber, groupId: subgroupId },
  ] as const) {
    assert.deepEqual(await seen(query), []);
  }
  assert.deepEqual(await seen({ groupId }), [lamp.productNumber]);
  assert.deepEqual(await seen({ type: 'agent-started', severity: 'warning' }), [lamp.productNumber]);
  assert.deepEqual(await seen({}, server.actAs({ scope: new Set([groupId]) })), [
    lamp.productNumber,
    desk.productNumber,
  ]);
  const blind = server.actAs({ permissions: ['directory:read', 'audit:read'] });
  assert.equal(await refusalOf(server, listLogEntries, { as: blind }), 'PERMISSION_DENIED');
  // A device that moves takes its entries along.
  await sql`update device set group_id = ${groupId}::uuid where id = ${lamp.id}::uuid`.execute(
    server.database.db,
  );
  assert.deepEqual(await seen({}), []);
});

test('a scope of many silent devices is walked along the time, and shows the same', async () => {
  await insertFleet(server, { count: 60, groupId: subgroupId });
  const journal = createJournal();
  for (const { productNumber } of [desk, lamp, elsewhere, lamp])
    await uploadLogs(server, productNumber, createJournal(), createEntries(1, 2));
  await uploadLogs(
    server,
    lamp.productNumber,
    journal,
    createEntries(1, 1, { severity: 'error', type: 'x' }),
  );
  const sales = server.actAs({ scope: new Set([subgroupId]) });
  const numbers = (await list({ limit: 2 }, sales)).map(({ productNumber }) => productNumber);
  assert.deepEqual(
    numbers,
    Array.from({ length: 5 }, () => lamp.productNumber),
  );
  assert.equal((await list({ severity: 'warning' }, sales)).length, 1);
  assert.equal((await list({ type: 'x' }, sales)).length, 1);
  assert.deepEqual(await list({ productNumber: elsewhere.productNumber }, sales), []);
});

test('a search looks at a bounded number of entries for one page, and the pages together at all', async () => {
  for (let first = 1; first <= 101; first += 25)
    await uploadLogs(server, desk.productNumber, createJournal(), createEntries(first, 25));
  const service = new LogListService({ platform: server.app.platform, budgets: [10, 20] });
  const actor = { kind: 'system', name: 'test' } as const;
  for (const search of [
    { search: 'entry 3' },
    { search: 'nothing like it' },
    { severity: 'info' },
  ] as const) {
    const expected = (await list(search)).map(({ id }) => id);
    const found: number[] = [];
    let pages = 0;
    let before: LogPlace | undefined;
    do {
      const page = await service.list(actor, { ...search, before, limit: 50 });
      found.push(...page.entries.map(({ id }) => id));
      before = page.next;
      pages += 1;
    } while (before !== undefined);
    assert.deepEqual(found, expected);
    assert.ok(pages >= 3 && pages <= 6, String(pages));
  }
});

test('entries of a product that is gone are for those who see everything', async () => {
  await uploadLogs(server, lamp.productNumber, createJournal(), createEntries(1, 1));
  await sql`delete from device where id = ${lamp.id}::uuid`.execute(server.database.db);
  const [entry] = await list({ productNumber: lamp.productNumber });
  assert.deepEqual([entry?.deviceId, entry?.deviceName], [null, `product ${lamp.productNumber}`]);
  assert.deepEqual(await list({}, server.actAs({ scope: new Set([groupId]) })), []);
});
