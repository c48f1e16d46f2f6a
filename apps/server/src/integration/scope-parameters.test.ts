/**
 * Somebody with every permission, in one group only, and every parameter of every route that it may call: filters and orders,
 * ids in the body, one and several. Whatever fits its group has a twin outside, older and younger, so that a place which forgets
 * where the caller may look as soon as a certain parameter is given shows here. A parameter that is new has to be tried as well.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as contract from '@holdfast/api';
import {
  changeDeviceTags,
  type DeviceFilter,
  getDirectorySummary,
  issueCommand,
  listCommands,
  permissions,
  planCommand,
  planDeviceTags,
  planGroupRemoval,
  removeGroup,
  restoreRecycled,
} from '@holdfast/api';
import { sql } from 'kysely';
import { type AccessRow, accessRows, sendRow } from '../testing/access-rows.ts';
import { signInFirstAdministrator } from '../testing/test-administrators.ts';
import { callApi, refusalOf } from '../testing/test-api.ts';
import type { CallParts } from '../testing/test-browser.ts';
import type { CallerHeaders } from '../testing/test-callers.ts';
import { insertFleet } from '../testing/test-fleet.ts';
import { createEntries, createJournal, uploadLogs } from '../testing/test-logs.ts';
import { createWorld, objectIdsOf, reportLan, type World } from '../testing/test-matrix-world.ts';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

/** So many that their log is walked along the time, and not device by device. */
const OWN_DEVICES = 55;

let server: TestServer;
/** What the caller may work with. */
let own: World;
/** The same elsewhere, made before it and after it, with smaller and greater ids. */
let older: World;
let younger: World;
let caller: CallerHeaders;
let sharedCommandId: string;

before(async () => {
  server = await startTestServer();
  const first = await signInFirstAdministrator(server, 'alice');
  older = await createWorld(server, first);
  // Ids begin with their time.
  server.clock.advance(1_000);
  own = await createWorld(server, first);
  server.clock.advance(1_000);
  younger = await createWorld(server, first);
  // In the group there are a device and one in the recycle bin already.
  const fleet = await insertFleet(server, { count: OWN_DEVICES - 1, groupId: own.groupId });
  await insertFleet(server, { count: 40, groupId: older.groupId });
  await insertFleet(server, { count: 40, groupId: younger.groupId });
  const ids = [own.deviceId, ...fleet.map((device) => device.id)].toSorted();
  own = await withDevice(own, ids[Math.floor(ids.length / 2)]);
  older = await withDevice(older, (await devicesOf(older)).at(0));
  younger = await withDevice(younger, (await devicesOf(younger)).at(-1));
  assert.ok(older.deviceId < own.deviceId && own.deviceId < younger.deviceId);
  const { db } = server.database;
  for (const { productNumber } of [older, own, younger]) {
    const entries = createEntries(1, 2, { severity: 'error', text: 'of a world' });
    await uploadLogs(server, productNumber, createJournal(), entries);
    await reportLan(server, productNumber, `10.9.${productNumber}.0/24`);
  }
  const deviceIds = [older.deviceId, own.deviceId, younger.deviceId];
  // One computer by its hardware, three records: each is shown as the twin of the others.
  await sql`update device set hardware_id = ${'h'.repeat(43)}, is_encrypted = true, agent_version = '9.9.9',
    system = 'System of a world' where id = any(${deviceIds}::uuid[])`.execute(db);
  for (const name of contract.plainFields) {
    const column = contract.definitionOf(name).word.replaceAll('-', '_');
    await sql`update device set ${sql.ref(column)} = 'Of a World', ${sql.ref(`${column}_key`)} = 'of a world'
      where id = any(${deviceIds}::uuid[])`.execute(db);
  }
  const tagged = { targets: { deviceIds }, add: ['everywhere'], remove: [] };
  await callApi(server, changeDeviceTags, { body: tagged });
  const shared = { type: 'collect-inventory', targets: { deviceIds } };
  sharedCommandId = (await callApi(server, issueCommand, { body: shared })).id;
  caller = server.actAs({ permissions, scope: new Set([own.groupId]) });
});
after(() => server.close());

async function withDevice(world: World, deviceId = ''): Promise<World> {
  const { productNumber } = await server.database.db
    .selectFrom('device')
    .select('product_number as productNumber')
    .where('id', '=', deviceId)
    .executeTakeFirstOrThrow();
  return { ...world, deviceId, productNumber };
}

async function devicesOf({ groupId }: World): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from device where group_id = ${groupId} and removed_item_id is null order by id`.execute(
    server.database.db,
  );
  return rows.map((row) => row.id);
}

// What is looked for

type Parameters = Readonly<Record<string, readonly unknown[]>>;

const filters = ({ groupId, tagName }: World): Parameters => ({
  groupId: [groupId],
  withSubgroups: [true, false],
  search: ['device-', 'tag:everywhere', `tag:${tagName}`],
  status: ['offline'],
  platform: ['linux'],
  encryption: ['encrypted'],
  agentVersion: ['9.9.9'],
  ...Object.fromEntries(contract.plainFields.map((name) => [name, ['Of a World']])),
  tag: [['everywhere'], [tagName]],
  withoutTag: [[own.tagName]],
});
const period = { from: ['2000-01-01T00:00:00.000Z'], to: ['2100-01-01T00:00:00.000Z'] };
const paging = { limit: [500] };

/** For each route that finds something, and each of its parameters, values that fit what lies outside. */
const searches: readonly {
  readonly row: AccessRow;
  readonly parameters: (outside: World) => Parameters;
}[] = [
  {
    row: rowOf(contract.listDevices),
    parameters: (outside) => ({
      ...filters(outside),
      sort: contract.deviceSorts,
      order: ['ascending', 'descending'],
      ...paging,
    }),
  },
  {
    row: rowOf(contract.exportDevices),
    parameters: (outside) => ({ ...filters(outside), format: ['json', 'csv'] }),
  },
  {
    row: rowOf(contract.listCommands),
    parameters: ({ deviceId }) => ({
      type: ['collect-inventory'],
      deviceId: [deviceId],
      progress: ['in-progress'],
      state: ['queued'],
      issuedBy: ['test caller'],
      ...period,
      repeatsId: [],
      ...paging,
    }),
  },
  {
    row: { ...rowOf(contract.listCommandTargets), parts: () => ({ params: { commandId: sharedCommandId } }) },
    parameters: ({ deviceId }) => ({ state: ['queued'], deviceId: [deviceId], ...paging }),
  },
  {
    row: rowOf(contract.listLogEntries),
    parameters: ({ deviceId, groupId, productNumber }) => ({
      productNumber: [productNumber],
      deviceId: [deviceId],
      groupId: [groupId],
      type: ['agent-started'],
      severity: ['error'],
      search: ['of a world'],
      ...period,
      ...paging,
    }),
  },
  {
    row: { route: contract.listLanSegments, elsewhere: 'filtered' },
    parameters: () => paging,
  },
  {
    row: { route: contract.listAuditEntries, elsewhere: 'filtered' },
    parameters: ({ groupId }) => ({
      search: ['World', 'group.created', 'test caller'],
      action: ['group.created'],
      objectId: [groupId],
      actorKind: ['api-key'],
      actorName: ['test caller'],
      ...period,
      ...paging,
    }),
  },
];

/** Those that find nothing by their parameters, and so are tried by the access matrix alone, or below. */
const otherQueries = new Set(['getDirectorySummary', 'listDeviceValues']);

function rowOf(route: contract.Route): AccessRow {
  return accessRows.find((row) => row.route.name === route.name) ?? assert.fail(route.name);
}

test('every parameter of every route that looks into groups is tried', () => {
  for (const { route, elsewhere } of accessRows) {
    const names = Object.keys(route.query.properties).filter((name) => name !== 'cursor');
    if (names.length === 0 || (elsewhere !== 'filtered' && elsewhere !== 'hidden')) continue;
    if (otherQueries.has(route.name)) continue;
    const search = searches.find(({ row }) => row.route.name === route.name);
    assert.ok(search !== undefined, `${route.name} is not tried with its parameters`);
    assert.deepEqual(Object.keys(search.parameters(older)).toSorted(), names.toSorted(), route.name);
  }
});

for (const { row, parameters } of searches) {
  test(`no parameter of ${row.route.name} shows what lies outside`, async () => {
    for (const outside of [older, younger]) {
      for (const [name, values] of Object.entries(parameters(outside))) {
        for (const value of values) await tryParameter(row, outside, { [name]: value });
      }
    }
  });
}

async function tryParameter(row: AccessRow, outside: World, more: Record<string, unknown>): Promise<void> {
  const given = row.parts?.(own) ?? {};
  const tried: AccessRow = {
    ...row,
    parts: () => ({ ...given, query: { ...given.query, ...more } }),
  };
  const text = `${row.route.name} ${JSON.stringify(more)}`;
  const seen = await sendRow(server, tried, own, caller);
  // A group that one does not see is not there.
  if (seen.statusCode === 404 && 'groupId' in more) return;
  assert.equal(seen.statusCode, row.route.status, `${text}: ${seen.body}`);
  for (const id of [...objectIdsOf(outside), outside.deviceId])
    assert.ok(!seen.body.includes(id), `${text} shows ${id}: ${seen.body}`);
  // It fits what lies outside: whoever sees everything is shown it.
  const all = await sendRow(server, tried, own, server.actAs());
  const fitting = [...objectIdsOf(outside), outside.deviceId, sharedCommandId];
  const isShown = 'format' in more || fitting.some((id) => all.body.includes(id));
  assert.ok(isShown, `${text} does not fit anything outside: ${all.body}`);
}

test('a page that goes on where somebody with more rights stopped shows nothing more', async () => {
  for (const { row } of searches.filter(({ row: { route } }) => 'cursor' in route.query.properties)) {
    for (const sort of row.route.name === 'listDevices' ? ['name', 'last-seen', 'registered'] : [undefined]) {
      const query = { limit: 1, ...(sort === undefined ? {} : { sort }) };
      const paged = (more: object): AccessRow => ({
        ...row,
        parts: () => ({ ...row.parts?.(own), query: { ...query, ...more } }),
      });
      const begun = await sendRow(server, paged({}), own, server.actAs());
      const { nextCursor: cursor } = begun.json<{ nextCursor: string | null }>();
      assert.ok(cursor !== null, row.route.name);
      const seen = await sendRow(server, paged({ cursor, limit: 500 }), own, caller);
      assert.equal(seen.statusCode, 200, seen.body);
      for (const outside of [older, younger]) {
        for (const id of [...objectIdsOf(outside), outside.deviceId])
          assert.ok(!seen.body.includes(id), `${row.route.name} ${sort} shows ${id}`);
      }
    }
  }
});

test('a device outside does not say by which commands it was meant', async () => {
  for (const { deviceId } of [older, younger]) {
    const { commands } = await callApi(server, listCommands, { query: { deviceId }, as: caller });
    assert.deepEqual(commands, []);
  }
});

test('the counts of the first page are of what the caller sees', async () => {
  for (const query of [{}, { groupId: own.groupId }]) {
    const summary = await callApi(server, getDirectorySummary, { query, as: caller });
    assert.deepEqual(
      [summary.deviceCount, summary.groupCount, summary.waitingCount, summary.byPlatform['linux']],
      [OWN_DEVICES, 3, 1, OWN_DEVICES],
    );
  }
});

// What is done

const ofFilter = (filter: (world: World) => DeviceFilter) => (world: World) => ({ filter: filter(world) });
const inGroup = ofFilter(({ groupId }) => ({ groupId }));

/** Forms of calls beside those of the access matrix. */
const moreRows: readonly AccessRow[] = [
  {
    route: contract.admitRegistration,
    parts: (world) => ({
      params: { registrationId: world.waitingId },
      body: { groupId: world.innerGroupId },
    }),
    elsewhere: 'hidden',
  },
  {
    route: contract.planCommand,
    parts: (world) => ({ body: { targets: inGroup(world) } }),
    elsewhere: 'hidden',
  },
  {
    route: contract.issueCommand,
    parts: (world) => ({ body: { type: 'collect-inventory', targets: inGroup(world) } }),
    elsewhere: 'hidden',
  },
  {
    route: contract.planDeviceTags,
    parts: (world) => ({ body: { targets: inGroup(world), add: ['everywhere'], remove: [] } }),
    elsewhere: 'hidden',
  },
  {
    route: contract.changeDeviceTags,
    parts: (world) => ({
      body: { targets: inGroup(world), add: ['everywhere'], remove: [], planToken: 'stale' },
    }),
    elsewhere: 'hidden',
  },
];

/** A place in the parts of a call at which two worlds differ. */
interface Difference {
  readonly path: readonly string[];
  readonly own: unknown;
  readonly other: unknown;
}

/** Texts and numbers that name no object: they may be the same in every group, or belong to nobody. */
const namesNothing = new Set(['name', 'text', 'revision', 'planToken', 'add', 'remove']);

function listDifferences(mine: unknown, others: unknown, path: readonly string[] = []): Difference[] {
  if (JSON.stringify(mine) === JSON.stringify(others) || namesNothing.has(path.at(-1) ?? '')) return [];
  if (typeof mine !== 'object' || mine === null || Array.isArray(mine))
    return [{ path, own: mine, other: others }];
  return Object.entries(mine).flatMap(([name, value]) =>
    listDifferences(value, (others as Record<string, unknown>)[name], [...path, name]),
  );
}

function withValue(parts: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value;
  const members = parts as Record<string, unknown>;
  return { ...members, [name]: withValue(members[name], rest, value) };
}

for (const row of [...accessRows, ...moreRows]) {
  if (row.parts === undefined || (row.elsewhere !== 'hidden' && row.elsewhere !== 'filtered')) continue;
  // Names no object; what it finds is tried with its parameters above.
  if (row.route.name === contract.exportDevices.name) continue;
  const { route, parts } = row;
  test(`nothing outside is reached by ${route.name} beside what is one's own`, async () => {
    let tried = 0;
    for (const outside of [older, younger]) {
      const mine = parts(own);
      for (const { path, own: value, other } of listDifferences(mine, parts(outside))) {
        const mixed = Array.isArray(value) ? [[value, other].flat(), [other, value].flat()] : [other];
        for (const mixture of mixed) {
          const call = withValue(mine, path, mixture) as CallParts<contract.Route>;
          const answer = await sendRow(server, { ...row, parts: () => call }, own, caller);
          const text = `${route.name} with ${path.join('.')} from outside: ${answer.statusCode} ${answer.body}`;
          if (row.elsewhere === 'hidden') assert.ok([403, 404].includes(answer.statusCode), text);
          else for (const id of objectIdsOf(outside)) assert.ok(!answer.body.includes(`"id":"${id}"`), text);
          tried += 1;
        }
      }
    }
    assert.ok(tried > 0, 'it names something');
  });
}

/** How many devices of the caller's group a filter finds, asked by whoever sees everything. */
async function countOwn(filter: DeviceFilter): Promise<number> {
  const { count } = await callApi(server, contract.listDevices, {
    query: { ...filter, groupId: own.groupId },
  });
  assert.ok(count.value > OWN_DEVICES / 2);
  return count.value;
}

test('what a filter finds for an order is what the caller may order to', async () => {
  for (const filter of [{}, { search: 'device-' }, { platform: 'linux' }, { status: 'offline' }] as const) {
    const targets = { filter };
    const text = JSON.stringify(filter);
    const count = await countOwn(filter);
    const plan = await callApi(server, planCommand, { body: { targets }, as: caller });
    assert.equal(plan.devices, count, text);
    const tags = { targets, add: ['everywhere'], remove: [] };
    assert.equal(
      (await callApi(server, planDeviceTags, { body: tags, as: caller })).targetCount,
      count,
      text,
    );
    const { id } = await callApi(server, issueCommand, {
      body: { type: 'collect-inventory', targets },
      as: caller,
    });
    const whole = await callApi(server, contract.getCommand, { params: { commandId: id } });
    assert.equal(whole.counts.total, count, text);
  }
});

test('trying again and cancelling reach what is the caller’s, and nothing else of the same command', async () => {
  const { id: commandId } = await callApi(server, issueCommand, {
    body: {
      type: 'collect-inventory',
      targets: { deviceIds: [older.deviceId, own.deviceId, younger.deviceId] },
    },
  });
  const stateOf = async () => (await callApi(server, contract.getCommand, { params: { commandId } })).counts;
  await callApi(server, contract.cancelCommand, { params: { commandId }, as: caller });
  assert.deepEqual([(await stateOf()).cancelled, (await stateOf()).queued], [1, 2]);
  await callApi(server, contract.cancelCommand, { params: { commandId } });
  assert.equal((await stateOf()).cancelled, 3);
  const again = await callApi(server, contract.retryCommand, {
    params: { commandId },
    body: {},
    as: caller,
  });
  const whole = await callApi(server, contract.getCommand, { params: { commandId: again.id } });
  assert.equal(whole.counts.total, 1);
});

test('who may edit one group puts it back only where it may edit', async () => {
  const params = { groupId: own.innerTargetId };
  const { planToken } = await callApi(server, planGroupRemoval, { params });
  const item = await callApi(server, removeGroup, { params, body: { planToken } });
  const inner = server.actAs({ permissions, scope: new Set([own.innerTargetId]) });
  const parts = { params: { itemId: item.id } };
  assert.equal(await refusalOf(server, restoreRecycled, { ...parts, as: inner }), 'GROUP_NOT_FOUND');
  const restored = await callApi(server, restoreRecycled, { ...parts, as: caller });
  assert.equal(restored.id, own.innerTargetId);
});
