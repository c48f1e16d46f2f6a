import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { deviceSorts, fieldOfSort, plainFields } from '@holdfast/api';
import { sql } from 'kysely';
import type { Database } from '../../platform/database/index.ts';
import { insertFleet } from '../../testing/test-fleet.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import {
  countDevices,
  type DevicePageQuery,
  type DeviceSelection,
  listDevicePage,
  listDevicesOfProducts,
} from './device-list.store.ts';
import { columnOf, orderColumnsOf } from './device-columns.ts';
import { listTagNames } from './device-tags.store.ts';
import { findGroup } from './groups.store.ts';
import { findProductByKey } from './products.store.ts';
import { NEW_DEVICES_GROUP_ID } from './index.ts';

const common = '019aa000-0000-7000-8000-00000000000a';
const rare = '019aa000-0000-7000-8000-00000000000b';

let server: TestServer;
before(async () => {
  server = await startTestServer();
  const { db } = server.database;
  await insertFleet(server, { count: 30_000 });
  await sql`
    update product_presence set status = case when product_number % 500 = 1 then 'timed-out' else 'online' end`.execute(
    db,
  );
  await sql`
    insert into tag (id, name, name_key, description, colour, created_at, created_by)
    values (${common}, 'common', 'common', '', 'grey', now(), 'test'), (${rare}, 'rare', 'rare', '', 'grey', now(), 'test')`.execute(
    db,
  );
  await sql`
    insert into tag_device (tag_id, device_id, name_key)
    select tag_id, id, name_key from device, (values (${common}::uuid, 2), (${rare}::uuid, 1000)) t (tag_id, every)
    where product_number % every = 0`.execute(db);
  for (const table of ['device', 'managed_product', 'product_presence', 'directory_group', 'tag_device']) {
    await sql`vacuum (analyze) ${sql.table(table)}`.execute(db);
  }
});
after(() => server.close());

const everything: DeviceSelection = {
  groupIds: null,
  patterns: [],
  status: undefined,
  encryption: undefined,
  fields: [],
  tags: [],
  withoutTags: [],
};
const firstPage: DevicePageQuery = {
  sort: 'name',
  order: 'ascending',
  after: undefined,
  limit: 101,
  isSmall: false,
};

/** The plan of the statement that `work` sends, as text. */
async function planOf(work: (db: Database) => Promise<unknown>): Promise<string> {
  const lines: string[] = [];
  const explaining = server.database.db.withPlugin({
    transformQuery: ({ node }) => {
      assert.ok(node.kind === 'RawNode');
      const [first = '', ...rest] = node.sqlFragments;
      return { ...node, sqlFragments: [`explain ${first}`, ...rest] };
    },
    transformResult: async ({ result }) => {
      for (const row of result.rows) lines.push(String(row['QUERY PLAN']));
      return { ...result, rows: [] };
    },
  });
  await work(explaining);
  return lines.join('\n');
}

test('each order of the list walks its index, forwards and backwards, and sorts nothing but the page', async () => {
  const sorts = deviceSorts.filter((sort) => sort !== 'last-seen');
  for (const sort of sorts) {
    const index = `device_${columnOf(fieldOfSort(sort) ?? 'name')}_idx`;
    const keys = orderColumnsOf(sort).map(() => (sort === 'registered' ? 1_795_334_400_000 : 'device-2'));
    for (const order of ['ascending', 'descending'] as const) {
      for (const after of [undefined, { keys, id: NEW_DEVICES_GROUP_ID }]) {
        const plan = await planOf((db) =>
          listDevicePage(db, everything, { ...firstPage, sort, order, after }),
        );
        assert.match(plan, new RegExp(`Index (Only )?Scan.* using ${index} on device`), plan);
        assert.doesNotMatch(plan, /Seq Scan on (device|managed_product)/, plan);
      }
    }
  }
});

test('devices with one value of a plain field are found by its index, in the order of names', async () => {
  for (const name of plainFields) {
    const selection = { ...everything, fields: [[name, 'one']] as const };
    const index = new RegExp(`using device_${columnOf(name)}_idx`);
    assert.match(await planOf((db) => countDevices(db, selection)), index);
    assert.match(await planOf((db) => listDevicePage(db, selection, firstPage)), index);
  }
});

test('a search that matches little reads the index of trigrams', async () => {
  const plan = await planOf((db) => countDevices(db, { ...everything, patterns: ['%device-12345%'] }));
  assert.match(plan, /Bitmap Index Scan on device_search_text_idx/, plan);
});

test('a rare status is found through its index', async () => {
  const plan = await planOf((db) => countDevices(db, { ...everything, status: 'timed-out' }));
  assert.match(plan, /product_presence_status_idx/, plan);
});

test('single things are found by their keys', async () => {
  assert.match(await planOf((db) => findProductByKey(db, 'x')), /managed_product_key_thumbprint_key/);
  assert.match(await planOf((db) => findGroup(db, NEW_DEVICES_GROUP_ID)), /directory_group/);
  assert.match(await planOf((db) => listDevicesOfProducts(db, [1, 2, 3])), /device_product_number_key/);
});

test('a small selection is read first and sorted then', async () => {
  const plan = await planOf((db) =>
    listDevicePage(db, { ...everything, patterns: ['%device-12345%'] }, { ...firstPage, isSmall: true }),
  );
  assert.match(plan, /CTE few/, plan);
});

test('devices of one tag are read in the order of names from an index, however many they are', async () => {
  const last = { keys: ['device-2'], id: NEW_DEVICES_GROUP_ID };
  for (const order of ['ascending', 'descending'] as const) {
    for (const after of [undefined, last]) {
      const plan = await planOf((db) =>
        listDevicePage(db, { ...everything, tags: [[common]] }, { ...firstPage, order, after }),
      );
      assert.match(plan, /Index Only Scan.* using tag_device_name_idx/, plan);
      assert.doesNotMatch(plan, /Seq Scan on (device|tag_device)|Sort.*\n.*Seq/, plan);
    }
  }
});

test('a rare tag is found through its index, and its devices are not looked for among all', async () => {
  for (const selection of [
    { ...everything, tags: [[rare]] },
    { ...everything, tags: [[common], [rare]] },
  ]) {
    const plan = await planOf((db) => countDevices(db, selection));
    assert.match(plan, /using tag_device_(pkey|name_idx|device_id_idx)/, plan);
    assert.doesNotMatch(plan, /Seq Scan on device /, plan);
  }
});

test('the tags of a page are read by its devices', async () => {
  const plan = await planOf((db) => listTagNames(db, [rare, common]));
  assert.match(plan, /tag_device_device_id_idx/, plan);
});

test('a walk along the order and a sort of few give the same page', async () => {
  for (const selection of [
    { ...everything, tags: [[rare]] },
    { ...everything, tags: [[common], [rare]] },
    { ...everything, tags: [[common, rare]] },
    { ...everything, tags: [[rare]], withoutTags: [common] },
    { ...everything, tags: [[common]], withoutTags: [rare], status: 'timed-out' as const },
  ]) {
    for (const order of ['ascending', 'descending'] as const) {
      for (const after of [undefined, { keys: ['device-2'], id: NEW_DEVICES_GROUP_ID }]) {
        const pages = await Promise.all(
          [true, false].map((isSmall) =>
            listDevicePage(server.database.db, selection, { ...firstPage, order, after, isSmall }),
          ),
        );
        assert.deepEqual(pages[0], pages[1]);
      }
    }
  }
});
