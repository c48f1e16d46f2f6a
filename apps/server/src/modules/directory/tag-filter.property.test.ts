import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { changeDeviceTags, listDevices, planDeviceTags, type QueryOf } from '@holdfast/api';
import fc from 'fast-check';
import { sql } from 'kysely';
import { callApi, refusalOf } from '../../testing/test-api.ts';
import { insertFleet } from '../../testing/test-fleet.ts';
import { makeTestGroup } from '../../testing/test-group.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

/** Two that begin alike, so that a search by the beginning of a name can mean both. */
const names = ['lab', 'label', 'kiosk', 'env:prod'] as const;
const deviceCount = 40;

let server: TestServer;
let groupId: string;
/** What each device has, as a naive model knows it. */
let model: Map<string, ReadonlySet<string>>;

before(async () => {
  server = await startTestServer();
  groupId = await makeTestGroup(server);
  const fleet = await insertFleet(server, { count: deviceCount, groupId });
  model = new Map(
    fleet.map(({ id }, index) => [id, new Set(names.filter((_, bit) => (index >> bit) % 2 === 1))]),
  );
  for (const [id, tags] of model) {
    const body = { targets: { deviceIds: [id] }, add: [...tags], remove: [] };
    await callApi(server, changeDeviceTags, { body });
  }
  await sql`update device set platform = 'windows' where product_number % 3 = 0`.execute(server.database.db);
});
after(() => server.close());

const someNames = fc.option(fc.uniqueArray(fc.constantFrom(...names), { minLength: 1 }), { nil: undefined });
const filters = fc.record({
  tag: someNames,
  withoutTag: someNames,
  beginning: fc.constantFrom(undefined, 'lab', 'LABE', 'k', 'x', ''),
  sort: fc.constantFrom('name' as const, 'address' as const, 'last-seen' as const, 'registered' as const),
  order: fc.constantFrom('ascending' as const, 'descending' as const),
  limit: fc.constantFrom(3, 100),
});

test('every filter by tags finds just the devices that a look at each one finds, in pages of any size', async () => {
  await fc.assert(
    fc.asyncProperty(filters, async ({ tag, withoutTag, beginning, ...paging }) => {
      const expected = [...model]
        .filter(
          ([, tags]) =>
            (tag ?? []).every((name) => tags.has(name)) &&
            !(withoutTag ?? []).some((name) => tags.has(name)) &&
            (beginning === undefined ||
              beginning === '' ||
              [...tags].some((name) => name.startsWith(beginning.toLowerCase()))),
        )
        .map(([id]) => id);
      const query: QueryOf<typeof listDevices> = {
        groupId,
        ...paging,
        ...(tag === undefined ? {} : { tag }),
        ...(withoutTag === undefined ? {} : { withoutTag: withoutTag.map((name) => name.toUpperCase()) }),
        ...(beginning === undefined ? {} : { search: `tag:${beginning}` }),
      };
      const found: string[] = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof callApi<typeof listDevices>>> = await callApi(
          server,
          listDevices,
          {
            query: cursor === null ? query : { ...query, cursor },
          },
        );
        assert.deepEqual(page.count, { value: expected.length, isExact: true });
        found.push(...page.devices.map((device) => device.id));
        cursor = page.nextCursor;
      } while (cursor !== null);
      assert.deepEqual(found.toSorted(), expected.toSorted());
    }),
    { numRuns: 60 },
  );
});

test('tags go with every other filter, and with a change of many', async () => {
  const query = { groupId, tag: ['lab'], platform: 'windows' as const };
  const { devices } = await callApi(server, listDevices, { query });
  assert.ok(devices.length > 0);
  assert.ok(devices.every((device) => device.platform === 'windows' && device.tags.includes('lab')));
  const plan = await callApi(server, planDeviceTags, {
    body: { targets: { filter: query }, add: [], remove: [] },
  });
  assert.equal(plan.targetCount, devices.length);
});

test('a tag that is not there is refused, on either side, so that a slip of the pen never means everybody', async () => {
  assert.equal(await refusalOf(server, listDevices, { query: { tag: ['lab', 'prodd'] } }), 'TAG_NOT_FOUND');
  assert.equal(await refusalOf(server, listDevices, { query: { withoutTag: ['prodd'] } }), 'TAG_NOT_FOUND');
  for (const tag of [[''], ['a b'], Array.from({ length: 17 }, (_, index) => `t${index}`)]) {
    assert.equal(await refusalOf(server, listDevices, { query: { tag } }), 'REQUEST_INVALID');
  }
});

test('a filter parameter that is no list may still not be given twice', async () => {
  const answer = await server.call(
    { method: 'GET', url: '/api/v1/devices?tag=lab&tag=kiosk&search=a&search=b' },
    server.actAs(),
  );
  assert.equal(answer.statusCode, 400);
});
