import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  definitionOf,
  type DeviceFilter,
  deviceFieldNames,
  type DeviceSort,
  deviceSorts,
  exportDevices,
  getDevice,
  type InventoryFacts,
  listAuditEntries,
  listDevices,
  listDeviceValues,
  type PlainField,
  plainFields,
  type QueryOf,
  type ReportedField,
  reportedFields,
  renameDevice,
  setDeviceFields,
  type SetField,
  setFields,
  unknownFields,
} from '@holdfast/api';
import { mcpPath } from '@holdfast/protocol';
import { sql } from 'kysely';
import { callApi, refusalOf } from '../../testing/test-api.ts';
import { insertFleet } from '../../testing/test-fleet.ts';
import { makeTestGroup } from '../../testing/test-group.ts';
import { createTestToken, TestProduct } from '../../testing/test-product.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { columnFields, columnOf, keyColumnOf, orderColumnsOf, toFieldKey } from './device-columns.ts';
import { toSortKey } from './sort-key.ts';

/** Facts in which a field is told. */
const telling: Readonly<Record<ReportedField, (value: string) => InventoryFacts>> = {
  serialNumber: (serialNumber) => ({ hardware: { serialNumber } }),
  manufacturer: (manufacturer) => ({ hardware: { manufacturer } }),
  model: (model) => ({ hardware: { model } }),
};

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());

async function join(name: string, groupId: string): Promise<TestProduct> {
  return await new TestProduct(server, { name }).join(await createTestToken(server, { groupId }));
}

const deviceOf = (product: TestProduct): string => product.registered?.deviceId ?? '';

async function report(product: TestProduct, facts: unknown): Promise<void> {
  const payload = { collectedAt: server.clock.now(), facts };
  const answer = await server.call({ method: 'PUT', url: mcpPath.inventory, payload }, product.bearer);
  assert.equal(answer.statusCode, 200, answer.body);
}

const isReported = (name: PlainField): name is ReportedField => reportedFields.some((one) => one === name);

async function give(product: TestProduct, name: PlainField, value: string): Promise<void> {
  if (isReported(name)) await report(product, telling[name](value));
  else
    await callApi(server, setDeviceFields, {
      params: { deviceId: deviceOf(product) },
      body: { [name]: value },
    });
}

/** Names of the devices that a query finds, page by page of one device. */
async function namesOf(query: QueryOf<typeof listDevices>): Promise<readonly string[]> {
  const names: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof list>> = await list(cursor === null ? query : { ...query, cursor });
    names.push(...page.devices.map((device) => device.name));
    cursor = page.nextCursor;
  } while (cursor !== null);
  return names;

  function list(one: QueryOf<typeof listDevices>) {
    return callApi(server, listDevices, { query: { ...one, limit: 1 } });
  }
}

test('every field has its columns, and an index for its order and its filter', async () => {
  const { rows: columns } = await sql<{ name: string }>`
    select column_name as name from information_schema.columns where table_name = 'device'`.execute(
    server.database.db,
  );
  const known = new Set(columns.map((column) => column.name));
  for (const name of columnFields) {
    for (const column of [columnOf(name), keyColumnOf(name)]) assert.ok(known.has(column), column);
  }
  const { rows: indexes } = await sql<{ definition: string }>`
    select indexdef as definition from pg_indexes where tablename = 'device'`.execute(server.database.db);
  for (const sort of deviceSorts) {
    if (sort === 'last-seen') continue;
    const start = `(${[...orderColumnsOf(sort), 'id'].join(', ')})`;
    assert.ok(
      indexes.some(
        ({ definition }) => definition.includes(start) && definition.includes('removed_item_id IS NULL'),
      ),
      `no index ${start}`,
    );
  }
});

test('the words and the titles of fields are their own', () => {
  for (const part of ['word', 'title'] as const) {
    const all = deviceFieldNames.map((name) => definitionOf(name)[part]);
    assert.equal(new Set(all).size, all.length);
  }
});

for (const name of plainFields) {
  const { title, word } = definitionOf(name);

  test(`${title}: listed, sorted, filtered, searched, counted and exported`, async () => {
    const groupId = await makeTestGroup(server);
    const values = { first: 'Beta 2', second: 'alpha 1', third: 'BETA 2', none: '' };
    for (const [device, value] of Object.entries(values))
      await give(await join(device, groupId), name, value);
    const query = { groupId };

    const { devices } = await callApi(server, listDevices, { query });
    assert.deepEqual(Object.fromEntries(devices.map((device) => [device.name, device[name]])), values);

    const sort = word as DeviceSort;
    const inOrder = ['none', 'second', 'first', 'third'];
    assert.deepEqual(await namesOf({ ...query, sort }), inOrder, 'of one value by name');
    assert.deepEqual(await namesOf({ ...query, sort, order: 'descending' }), inOrder.toReversed());

    for (const [value, found] of [
      ['beta 2', ['first', 'third']],
      ['ALPHA 1', ['second']],
      ['alpha', []],
      ['%', []],
      ['', ['none']],
    ] as const) {
      for (const order of ['name', 'last-seen', sort] as const) {
        const filter: DeviceFilter = { ...query, [name]: value };
        const names = await namesOf({ ...filter, sort: order });
        assert.deepEqual(names.toSorted(), found, `${value} by ${order}`);
      }
    }
    assert.deepEqual(await namesOf({ ...query, [name]: 'beta 2', search: 'thi' }), ['third']);
    assert.deepEqual(
      await namesOf({ ...query, search: 'ETA 2' }),
      ['first', 'third'],
      'the search looks into it',
    );

    const { values: counted } = await callApi(server, listDeviceValues, { query: { ...query, field: name } });
    assert.deepEqual(
      counted.map((one) => [one.value.toLowerCase(), one.count]),
      [
        ['beta 2', 2],
        ['alpha 1', 1],
        ['', 1],
      ],
    );

    const read = async (format: string): Promise<readonly string[]> => {
      const url = `${exportDevices.path}?groupId=${groupId}&format=${format}`;
      const { body } = await server.call({ method: 'GET', url }, server.actAs());
      return body.trimEnd().split(/\r?\n/);
    };
    const [heading = '', line = ''] = await read('csv');
    const place = heading.split(',').indexOf(title.toLowerCase());
    assert.equal(line.split(',')[place], values.first);
    assert.equal((JSON.parse((await read('json'))[0] ?? '') as Record<string, unknown>)[name], values.first);
  });

  test(`${title}: nobody sees, counts or finds it outside of where they may look`, async () => {
    const [own, theirs] = [await makeTestGroup(server), await makeTestGroup(server)];
    await give(await join('theirs', theirs), name, 'Hidden 7');
    const as = server.actAs({ scope: new Set([own]) });
    const { devices } = await callApi(server, listDevices, { query: { [name]: 'hidden 7' }, as });
    assert.deepEqual(devices, []);
    const { values } = await callApi(server, listDeviceValues, { query: { field: name }, as });
    assert.deepEqual(values, []);
    assert.equal(
      await refusalOf(server, listDeviceValues, { query: { field: name, groupId: theirs }, as }),
      'GROUP_NOT_FOUND',
    );
  });

  test(`${title}: a value that is none for a filter is refused`, async () => {
    for (const value of ['x'.repeat(201), 'a\0b']) {
      assert.equal(await refusalOf(server, listDevices, { query: { [name]: value } }), 'REQUEST_INVALID');
    }
  });
}

test('what agents report to break things is kept short and printable, and the list goes on', async () => {
  const groupId = await makeTestGroup(server);
  const product = await join('漢'.repeat(128), groupId);
  for (const hostile of [
    '漢字仮名交'.repeat(2_000),
    '\u202egnp.exe\n\u001b[2J',
    'ﷺ'.repeat(200),
    '\u{1f469}'.repeat(150),
    '  ',
  ]) {
    for (const name of reportedFields) {
      await report(product, telling[name](hostile));
      const { device } = await callApi(server, getDevice, { params: { deviceId: deviceOf(product) } });
      assert.ok(device[name].length <= 200 && device[name].isWellFormed());
      assert.doesNotMatch(device[name], /[\n\u001b\u202e]/);
      assert.deepEqual(await namesOf({ groupId, sort: definitionOf(name).word as DeviceSort }), [
        device.name,
      ]);
      assert.deepEqual(await namesOf({ groupId, [name]: device[name] }), [device.name]);
    }
  }
});

test('the longest keys of a name and of a field fit one entry of an index, however little they repeat', async () => {
  const [device] = await insertFleet(server, { count: 1, groupId: await makeTestGroup(server) });
  let state = 1;
  const noise = (length: number): string =>
    Array.from({ length }, () => {
      state = (state * 48_271) % 2_147_483_647;
      return String.fromCodePoint(0x4e00 + (state % 20_000));
    }).join('');
  for (const name of plainFields) {
    await sql`
      update device set name_key = ${toSortKey(noise(2_000))}, agent_version = ${noise(64)}, is_encrypted = null,
        platform = 'windows', ${sql.ref(keyColumnOf(name))} = ${toFieldKey(name, noise(2_000))}
      where id = ${device?.id}`.execute(server.database.db);
  }
});

test('half a character and NUL are refused with the whole inventory, and what was known stays', async () => {
  const product = await join('broken', await makeTestGroup(server));
  for (const name of reportedFields) {
    await report(product, telling[name]('Known 1'));
    for (const hostile of ['a\u0000b', '\ud800half']) {
      const payload = { collectedAt: server.clock.now(), facts: telling[name](hostile) };
      const answer = await server.call({ method: 'PUT', url: mcpPath.inventory, payload }, product.bearer);
      assert.equal(answer.json<{ code: string }>().code, 'BODY_INVALID');
    }
    const { device } = await callApi(server, getDevice, { params: { deviceId: deviceOf(product) } });
    assert.equal(device[name], 'Known 1');
  }
});

test('an agent that does not report a field leaves it unknown, and so does one that no longer does', async () => {
  const product = await join('old-agent', await makeTestGroup(server));
  const read = async () =>
    (await callApi(server, getDevice, { params: { deviceId: deviceOf(product) } })).device;
  for (const name of reportedFields) {
    for (const facts of [{}, { hardware: {} }, { hardware: { [name]: 7 } }, { hardware: 'none' }]) {
      await report(product, telling[name]('Known 1'));
      assert.equal((await read())[name], 'Known 1');
      await report(product, facts);
      assert.equal((await read())[name], '');
    }
  }
});

test('a device from before there were these fields is listed with none of them', async () => {
  const groupId = await makeTestGroup(server);
  await insertFleet(server, { count: 1, groupId });
  const { devices } = await callApi(server, listDevices, { query: { groupId } });
  assert.deepEqual({ ...devices[0], ...unknownFields }, devices[0]);
});

for (const name of setFields) {
  const { title } = definitionOf(name);
  const set = (deviceId: string, value: string) =>
    ({ params: { deviceId }, body: { [name]: value } satisfies Partial<Record<SetField, string>> }) as const;

  test(`${title}: set, told to open views, in the audit log with what was there before, and taken back`, async () => {
    const groupId = await makeTestGroup(server);
    const product = await join('desk', groupId);
    const deviceId = deviceOf(product);
    await server.hearEvents();
    const heard: string[] = [];
    const stop = server.app.platform.live.listen(({ event, groupPath }) => {
      if (event.type === 'device' && groupPath?.includes(groupId) === true) heard.push(event.change);
    });
    const { device } = await callApi(server, setDeviceFields, set(deviceId, '  Ada\u0301 1 '));
    assert.equal(device[name], 'Adá 1', 'composed, without blanks around');
    await callApi(server, setDeviceFields, set(deviceId, 'Adá 1'));
    await server.hearEvents();
    stop();
    assert.deepEqual(heard, ['changed'], 'once, because the second call changes nothing');
    await callApi(server, renameDevice, { params: { deviceId }, body: { name: 'Desk 2' } });
    await report(product, { hardware: { model: 'M1' } });
    assert.deepEqual(await namesOf({ groupId, search: 'adá' }), ['Desk 2'], 'what else is written leaves it');
    const undone = await callApi(server, setDeviceFields, set(deviceId, ''));
    assert.equal(undone.device[name], '');
    const { entries } = await callApi(server, listAuditEntries, {
      query: { action: 'device.fields-set', objectId: deviceId },
    });
    assert.deepEqual(
      entries.map(({ objectName, details }) => [objectName, details]),
      [
        ['Desk 2', { [name]: { from: 'Adá 1', to: '' } }],
        ['desk', { [name]: { from: '', to: 'Adá 1' } }],
      ],
      'and nothing of what changed nothing',
    );
  });

  test(`${title}: only where one may edit, and nothing that nobody can read`, async () => {
    const [own, theirs] = [await makeTestGroup(server), await makeTestGroup(server)];
    const [inside, outside] = [deviceOf(await join('in', own)), deviceOf(await join('out', theirs))];
    const scoped = server.actAs({ scope: new Set([own]) });
    await callApi(server, setDeviceFields, { ...set(inside, 'mine'), as: scoped });
    assert.equal(
      await refusalOf(server, setDeviceFields, { ...set(outside, 'mine'), as: scoped }),
      'DEVICE_NOT_FOUND',
    );
    const reader = server.actAs({ permissions: ['directory:read'] });
    assert.equal(
      await refusalOf(server, setDeviceFields, { ...set(inside, 'x'), as: reader }),
      'PERMISSION_DENIED',
    );
    for (const hostile of ['a\u202eb', ' ', '\u200b', 'x\ny', '\u001b[2J', 'x'.repeat(10_240)]) {
      const code = await refusalOf(server, setDeviceFields, set(inside, hostile));
      assert.equal(code, 'REQUEST_INVALID', JSON.stringify(hostile.slice(0, 10)));
    }
    for (const hostile of ['a\u0000b', '\ud800'])
      assert.equal(await refusalOf(server, setDeviceFields, set(inside, hostile)), 'BODY_INVALID');
    const long = await callApi(server, setDeviceFields, set(inside, '漢'.repeat(200)));
    assert.equal(long.device[name].length, 200);
    assert.equal((await callApi(server, getDevice, { params: { deviceId: outside } })).device[name], '');
  });
}
