import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  createGroup,
  type DeviceSummary,
  exportDevices,
  getDevice,
  listAuditEntries,
  listDevices,
  listRecycleBin,
  moveDevices,
  planDeviceMove,
  purgeRecycled,
  type QueryOf,
  removeDevice,
  renameDevice,
  restoreRecycled,
  setProductState,
} from '@holdfast/api';
import { encodeActivity } from '@holdfast/protocol';
import { sql } from 'kysely';
import { callApi, refusalOf } from '../../testing/test-api.ts';
import { insertFleet } from '../../testing/test-fleet.ts';
import { createTestToken, TestProduct } from '../../testing/test-product.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { TOP_GROUP_ID } from './index.ts';

let server: TestServer;
let names = 0;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());

async function makeGroup(parentId: string = TOP_GROUP_ID): Promise<string> {
  names += 1;
  return (await callApi(server, createGroup, { body: { parentId, name: `Group ${names}` } })).id;
}

/** Devices that register one by one, a second apart. */
async function joinAll(groupId: string, deviceNames: readonly string[]): Promise<TestProduct[]> {
  const token = await createTestToken(server, { groupId });
  const products: TestProduct[] = [];
  for (const name of deviceNames) {
    products.push(await new TestProduct(server, { name }).join(token));
    server.clock.advance(1_000);
  }
  return products;
}

async function listAll(query: QueryOf<typeof listDevices>): Promise<DeviceSummary[]> {
  const devices: DeviceSummary[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof callApi<typeof listDevices>>> = await callApi(server, listDevices, {
      query: cursor === null ? query : { ...query, cursor },
    });
    devices.push(...page.devices);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return devices;
}

const namesOf = (devices: readonly DeviceSummary[]): string[] => devices.map((device) => device.name);

test('pages of every order give each device once, in that order, forwards and backwards', async () => {
  const groupId = await makeGroup();
  await joinAll(groupId, ['delta', 'Alpha', 'charlie', 'Bravo', 'echo']);
  const { db } = server.database;
  // Equal values everywhere but in the name, so that the order within them is by the id.
  await sql`update device set system = 'same', system_key = 'same' where group_id = ${groupId}`.execute(db);
  for (const sort of ['name', 'system', 'address', 'last-seen', 'registered'] as const) {
    const query = { groupId, sort, limit: 2 };
    const ascending = await listAll({ ...query, order: 'ascending' });
    const descending = await listAll({ ...query, order: 'descending' });
    assert.equal(ascending.length, 5, sort);
    assert.deepEqual(namesOf(descending), namesOf(ascending).toReversed(), sort);
  }
  assert.deepEqual(namesOf(await listAll({ groupId, limit: 2 })), [
    'Alpha',
    'Bravo',
    'charlie',
    'delta',
    'echo',
  ]);
  const joined = ['delta', 'Alpha', 'charlie', 'Bravo', 'echo'];
  assert.deepEqual(namesOf(await listAll({ groupId, sort: 'registered', limit: 2 })), joined);
  assert.deepEqual(namesOf(await listAll({ groupId, sort: 'last-seen', limit: 2 })), joined);
});

test('a page goes on where the last one ended, also when devices come and go', async () => {
  const groupId = await makeGroup();
  const [, second] = await joinAll(groupId, ['b', 'd', 'f', 'h']);
  const query = { groupId, limit: 2 };
  const first = await callApi(server, listDevices, { query });
  assert.deepEqual(namesOf(first.devices), ['b', 'd']);
  await joinAll(groupId, ['a', 'e']);
  await callApi(server, removeDevice, { params: { deviceId: second?.registered?.deviceId ?? '' } });
  const rest = await callApi(server, listDevices, { query: { ...query, cursor: first.nextCursor ?? '' } });
  assert.deepEqual(namesOf(rest.devices), ['e', 'f']);
});

test('a page that ends with a name as long as names may be is gone on from', async () => {
  const groupId = await makeGroup();
  const names = [0, 1].map((index) => `${'界'.repeat(254)}${index}`);
  await joinAll(groupId, names);
  const query = { groupId, limit: 1 };
  const first = await callApi(server, listDevices, { query });
  const rest = await callApi(server, listDevices, { query: { ...query, cursor: first.nextCursor ?? '' } });
  assert.deepEqual(namesOf([...first.devices, ...rest.devices]), names);
});

test('a cursor of another list is refused', async () => {
  const groupId = await makeGroup();
  await joinAll(groupId, ['a', 'b']);
  const { nextCursor } = await callApi(server, listDevices, { query: { groupId, limit: 1 } });
  const cursor = nextCursor ?? '';
  assert.equal(
    await refusalOf(server, listDevices, { query: { groupId, cursor, sort: 'registered' } }),
    'CURSOR_INVALID',
  );
  assert.equal(await refusalOf(server, listDevices, { query: { cursor: 'nonsense' } }), 'CURSOR_INVALID');
});

test('filters by group, subgroups, search, platform and status, alone and together', async () => {
  const parent = await makeGroup();
  const child = await makeGroup(parent);
  const [web, , printer] = await joinAll(parent, ['web-01', 'web-02', 'Printer 100%']);
  await joinAll(child, ['web-03']);
  const list = async (query: QueryOf<typeof listDevices>) =>
    namesOf(await listAll({ groupId: parent, ...query }));
  assert.deepEqual(await list({}), ['Printer 100%', 'web-01', 'web-02', 'web-03']);
  assert.deepEqual(await list({ withSubgroups: false }), ['Printer 100%', 'web-01', 'web-02']);
  assert.deepEqual(await list({ search: 'WEB 0' }), ['web-01', 'web-02', 'web-03']);
  assert.deepEqual(await list({ search: '0%' }), ['Printer 100%']);
  assert.deepEqual(await list({ search: '_' }), []);
  assert.deepEqual(await list({ search: '127.0.0' }), ['Printer 100%', 'web-01', 'web-02', 'web-03']);
  assert.deepEqual(await list({ search: "'; drop table device; --" }), []);
  assert.deepEqual(await list({ platform: 'windows' }), []);
  await printer?.heartbeat(printer.sealHeartbeat({ goingAway: true }));
  assert.deepEqual(await list({ status: 'service-stopped' }), ['Printer 100%']);
  assert.deepEqual(await list({ status: 'online', search: 'web', withSubgroups: false }), [
    'web-01',
    'web-02',
  ]);
  server.clock.advance(1_000);
  await web?.heartbeat(web.sealHeartbeat({ serviceState: 'stopped' }));
  assert.deepEqual(await list({ status: 'service-stopped', sort: 'last-seen' }), ['Printer 100%', 'web-01']);
  const { count } = await callApi(server, listDevices, { query: { groupId: parent, status: 'online' } });
  assert.deepEqual(count, { value: 2, isExact: true });
});

test('what keeps an agent from its work is shown with the device until it is over', async () => {
  const groupId = await makeGroup();
  const [product] = await joinAll(groupId, ['troubled']);
  const [device] = await listAll({ groupId });
  const deviceId = device?.id ?? '';
  const read = async () =>
    (await callApi(server, getDevice, { params: { deviceId } })).products.map(({ troubles }) => troubles);
  assert.deepEqual(await read(), [[]]);
  const items = encodeActivity({ uptimeS: 1, troubles: 0b1000_0000_0000_0011 });
  await product?.heartbeat(product.sealHeartbeat({ items }));
  assert.deepEqual(await read(), [['disk-full', 'inventory-refused']]);
  await product?.heartbeat(product.sealHeartbeat({ items: encodeActivity({ uptimeS: 2 }) }));
  assert.deepEqual(await read(), [[]]);
});

test('a status filter knows what happened a moment ago', async () => {
  const groupId = await makeGroup();
  const [product] = await joinAll(groupId, ['fresh']);
  const { productNumber } = product ?? { productNumber: 0 };
  for (const state of ['disabled', 'active'] as const) {
    await callApi(server, setProductState, { params: { productNumber }, body: { state } });
    const { devices } = await callApi(server, listDevices, { query: { groupId, status: 'disabled' } });
    assert.equal(devices.length, state === 'disabled' ? 1 : 0);
  }
});

test('enabling a product that is enabled leaves it online', async () => {
  const groupId = await makeGroup();
  const [product] = await joinAll(groupId, ['awake']);
  assert.equal((await product?.heartbeat())?.statusCode, 200);
  const { productNumber } = product ?? { productNumber: 0 };
  await callApi(server, setProductState, { params: { productNumber }, body: { state: 'active' } });
  const { devices } = await callApi(server, listDevices, { query: { groupId, status: 'online' } });
  assert.equal(devices.length, 1);
});

test('a fleet that is too large to be counted at once is estimated, and every order still works', async () => {
  const groupId = await makeGroup();
  await insertFleet(server, { count: 12_000, groupId });
  await sql`analyze device`.execute(server.database.db);
  for (const sort of ['name', 'last-seen', 'registered'] as const) {
    const page = await callApi(server, listDevices, { query: { groupId, sort, limit: 500 } });
    assert.equal(page.devices.length, 500);
    assert.equal(page.count.isExact, false);
    assert.ok(page.count.value > 10_000 && page.count.value < 20_000, `${page.count.value}`);
    assert.notEqual(page.nextCursor, null);
  }
  const searched = await callApi(server, listDevices, {
    query: { groupId, search: 'device-1199', limit: 5 },
  });
  assert.ok(searched.count.isExact && searched.devices.length > 0);
});

test('an export holds every device of the filter once, and no cell that a spreadsheet would run', async () => {
  const groupId = await makeGroup();
  await insertFleet(server, { count: 2_500, groupId });
  await joinAll(groupId, ['=cmd|calc', 'plain, "quoted"']);
  const url = (format: string): string => `${exportDevices.path}?groupId=${groupId}&format=${format}`;
  const csv = await server.call({ method: 'GET', url: url('csv') }, server.actAs());
  assert.equal(csv.statusCode, 200);
  assert.match(String(csv.headers['content-type']), /^text\/csv/);
  assert.match(String(csv.headers['content-disposition']), /attachment; filename="devices.csv"/);
  const lines = csv.body.trimEnd().split('\r\n');
  assert.equal(lines.length, 2_503);
  assert.match(lines[0] ?? '', /^\u{feff}id,name,group,status/u);
  assert.ok(lines.some((line) => line.includes(",'=cmd|calc,")));
  assert.ok(lines.some((line) => line.includes('"plain, ""quoted"""')));
  const json = await server.call({ method: 'GET', url: url('json') }, server.actAs());
  const devices = json.body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as DeviceSummary);
  assert.equal(new Set(devices.map((device) => device.id)).size, 2_502);
  const refused = await server.call(
    { method: 'GET', url: url('csv') },
    server.actAs({ scope: new Set([await makeGroup()]) }),
  );
  assert.equal(refused.statusCode, 404);
});

test('a device keeps its display name whatever it reports, until it gets the reported name back', async () => {
  const [product] = await joinAll(await makeGroup(), ['pc-1']);
  const deviceId = product?.registered?.deviceId ?? '';
  const renamed = await callApi(server, renameDevice, { params: { deviceId }, body: { name: 'Reception' } });
  assert.equal(renamed.device.name, 'Reception');
  await product?.shakeHands({ device: { ...product.facts.device, name: 'pc-2' } });
  const found = await callApi(server, listDevices, { query: { search: 'pc-2' } });
  assert.deepEqual(namesOf(found.devices), ['Reception']);
  const restored = await callApi(server, renameDevice, { params: { deviceId }, body: { name: null } });
  assert.equal(restored.device.name, 'pc-2');
  const { entries } = await callApi(server, listAuditEntries, { query: { objectId: deviceId } });
  assert.deepEqual(
    entries.slice(0, 2).map((entry) => entry.action),
    ['device.renamed', 'device.renamed'],
  );
});

test('devices move together, as the plan said, or not at all', async () => {
  const from = await makeGroup();
  const to = await makeGroup();
  const products = await joinAll(from, ['m1', 'm2']);
  const [there] = await joinAll(to, ['m3']);
  const deviceIds = [...products, there].map((product) => product?.registered?.deviceId ?? '');
  const body = { deviceIds, groupId: to };
  const plan = await callApi(server, planDeviceMove, { body });
  assert.equal(plan.deviceCount, 2);
  assert.match(plan.consequences.join(' '), /^2 devices move to "Group \d+"\. 1 device is there already\.$/);
  const moved = await callApi(server, moveDevices, { body: { ...body, planToken: plan.planToken } });
  assert.deepEqual(moved, { movedCount: 2 });
  assert.equal(
    await refusalOf(server, moveDevices, { body: { ...body, planToken: plan.planToken } }),
    'DIRECTORY_CHANGED',
  );
  const missing = { deviceIds: [...deviceIds, '01a20244-e800-76a1-b85e-b7470fd22fa8'], groupId: from };
  assert.equal(await refusalOf(server, planDeviceMove, { body: missing }), 'DEVICE_NOT_FOUND');
  const { devices } = await callApi(server, listDevices, { query: { groupId: to } });
  assert.deepEqual(namesOf(devices), ['m1', 'm2', 'm3']);
});

test('a removed device goes on reporting unseen, and comes back to its group', async () => {
  const groupId = await makeGroup();
  const [product] = await joinAll(groupId, ['removed']);
  const deviceId = product?.registered?.deviceId ?? '';
  const item = await callApi(server, removeDevice, { params: { deviceId } });
  assert.equal(await refusalOf(server, getDevice, { params: { deviceId } }), 'DEVICE_NOT_FOUND');
  assert.equal((await product?.heartbeat())?.statusCode, 200);
  assert.ok((await callApi(server, listRecycleBin)).items.some((it) => it.id === item.id));
  const restored = await callApi(server, restoreRecycled, { params: { itemId: item.id } });
  assert.equal(restored.id, deviceId);
  const { device } = await callApi(server, getDevice, { params: { deviceId } });
  assert.equal(device.groupId, groupId);
  assert.equal(device.presence.status, 'online');
});

test('a device that is removed for good is unknown at its next handshake', async () => {
  const [product] = await joinAll(await makeGroup(), ['purged']);
  const item = await callApi(server, removeDevice, {
    params: { deviceId: product?.registered?.deviceId ?? '' },
  });
  await callApi(server, purgeRecycled, { params: { itemId: item.id } });
  assert.equal((await product?.shakeHands())?.statusCode, 404);
  assert.equal(
    await refusalOf(server, purgeRecycled, { params: { itemId: item.id } }),
    'RECYCLED_ITEM_NOT_FOUND',
  );
});

test('outside its scope a device does not exist', async () => {
  const mine = await makeGroup();
  const theirs = await makeGroup();
  const [own] = await joinAll(mine, ['own']);
  const [foreign] = await joinAll(theirs, ['foreign']);
  const as = server.actAs({ scope: new Set([mine]) });
  const deviceId = foreign?.registered?.deviceId ?? '';
  const ownId = own?.registered?.deviceId ?? '';
  assert.deepEqual(namesOf((await callApi(server, listDevices, { as })).devices), ['own']);
  assert.deepEqual(
    namesOf((await callApi(server, listDevices, { query: { sort: 'last-seen' }, as })).devices),
    ['own'],
  );
  const params = { deviceId };
  assert.deepEqual(
    [
      await refusalOf(server, getDevice, { params, as }),
      await refusalOf(server, renameDevice, { params, body: { name: 'x' }, as }),
      await refusalOf(server, removeDevice, { params, as }),
      await refusalOf(server, planDeviceMove, { body: { deviceIds: [ownId, deviceId], groupId: mine }, as }),
      await refusalOf(server, planDeviceMove, { body: { deviceIds: [ownId], groupId: theirs }, as }),
      await refusalOf(server, setProductState, {
        params: { productNumber: foreign?.productNumber ?? 1 },
        body: { state: 'disabled' },
        as,
      }),
    ],
    [
      'DEVICE_NOT_FOUND',
      'DEVICE_NOT_FOUND',
      'DEVICE_NOT_FOUND',
      'DEVICE_NOT_FOUND',
      'GROUP_NOT_FOUND',
      'PRODUCT_NOT_FOUND',
    ],
  );
  assert.equal(server.app.modules.presence.isDisabled(foreign?.productNumber ?? 0), false);
});

test('reading devices needs one permission and changing them another', async () => {
  const [product] = await joinAll(await makeGroup(), ['guarded']);
  const params = { deviceId: product?.registered?.deviceId ?? '' };
  const reader = server.actAs({ permissions: ['directory:read'] });
  const nobody = server.actAs({ permissions: ['audit:read'] });
  const refusals = [
    await refusalOf(server, listDevices, { as: nobody }),
    await refusalOf(server, exportDevices, { query: { format: 'csv' }, as: nobody }),
    await refusalOf(server, getDevice, { params, as: nobody }),
    await refusalOf(server, renameDevice, { params, body: { name: 'x' }, as: reader }),
    await refusalOf(server, removeDevice, { params, as: reader }),
    await refusalOf(server, setProductState, {
      params: { productNumber: product?.productNumber ?? 1 },
      body: { state: 'disabled' },
      as: reader,
    }),
  ];
  assert.deepEqual([...new Set(refusals)], ['PERMISSION_DENIED']);
});

test('open views hear of changes of devices that they may see', async () => {
  const groupId = await makeGroup();
  const events: string[] = [];
  const stop = server.app.platform.live.listen(({ event, groupPath }) => {
    if (event.type === 'device' && groupPath?.includes(groupId) === true) events.push(event.change);
  });
  const [product] = await joinAll(groupId, ['watched']);
  const params = { deviceId: product?.registered?.deviceId ?? '' };
  await callApi(server, renameDevice, { params, body: { name: 'Watched' } });
  await callApi(server, removeDevice, { params });
  await server.hearEvents();
  stop();
  assert.deepEqual(events, ['created', 'changed', 'removed']);
});
