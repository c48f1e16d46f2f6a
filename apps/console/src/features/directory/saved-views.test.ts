import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ApiClient, ApiError, type SavedView, type ViewContent } from '@holdfast/api';
import { type DeviceColumn, ordinaryColumns } from './device-columns.ts';
import type { DirectorySearch } from './directory-search.ts';
import { adoptViews, findOpenView, parseFormerViews, readView, toViewContent } from './saved-views.ts';

const groupId = '019aa000-0000-7000-8000-000000000001';
let count = 0;

function viewOf(content: ViewContent, isOwn = true): SavedView {
  count += 1;
  return {
    id: `019aa000-0000-7000-8000-${String(count).padStart(12, '0')}`,
    name: `view ${count}`,
    content,
    isShared: !isOwn,
    ownerName: 'Ada',
    isOwn,
    createdAt: '2026-11-22T08:00:00.000Z',
    revision: 1,
  };
}

const everything: DirectorySearch = {
  group: groupId,
  below: 'no',
  search: 'kiosk tag:env',
  status: 'offline',
  platform: 'linux',
  encryption: 'not-encrypted',
  agent: '0.1.0',
  model: 'ThinkPad T14',
  owner: '',
  tag: 'env:prod,leased',
  withoutTag: 'retired',
  sort: 'last-seen',
  order: 'descending',
};
const columns: readonly DeviceColumn[] = ['name', 'model', 'status'];

test('a view comes back as it was saved, every filter, the order and the columns', () => {
  assert.deepEqual(readView({ content: toViewContent(everything, columns) }), {
    search: everything,
    columns,
  });
  assert.deepEqual(readView({ content: toViewContent({}, ordinaryColumns) }), {
    search: {},
    columns: ordinaryColumns,
  });
});

test('what this console does not know of a view is left out', () => {
  const content: ViewContent = { filter: {}, columns: ['colour', 'name', 'status'] };
  assert.deepEqual(readView({ content }), { search: {}, columns: ['name', 'status'] });
  assert.deepEqual(readView({ content: { filter: { status: 'online' } } }), {
    search: { status: 'online' },
    columns: ordinaryColumns,
  });
});

test('a view is open when filters, order and columns are its own, one’s own before that of others', () => {
  const search: DirectorySearch = { platform: 'macos', order: 'descending' };
  const own = viewOf(toViewContent(search, columns));
  const shared = viewOf(toViewContent(search, columns), false);
  assert.equal(findOpenView([shared, own], { order: 'descending', platform: 'macos' }, columns), own);
  assert.equal(findOpenView([shared], search, columns), shared);
  assert.equal(findOpenView([own], search, ordinaryColumns), undefined);
  assert.equal(findOpenView([own], { platform: 'macos' }, columns), undefined);
});

test('views of an earlier release are taken from the browser, and what is none is dropped', () => {
  const former = [{ name: ' Laptops ', search: { platform: 'macos', colour: 'red' }, columns: ['status'] }];
  assert.deepEqual(parseFormerViews(JSON.stringify(former)), [
    { name: 'Laptops', search: { platform: 'macos' }, columns: ['name', 'status'] },
  ]);
  const odd = [null, 7, {}, { name: ' ', search: {} }, { name: 'x' }, { name: 'x', search: [] }];
  for (const stored of [JSON.stringify(odd), '"views"', '{', ''])
    assert.deepEqual(parseFormerViews(stored), []);
});

test('views of the browser are forgotten when the server has them, and kept while it does not answer', async () => {
  const former = ['One', 'Two', 'Three'].map((name) => ({ name, search: {}, columns: ['name'] }));
  const kept = new Map([['views', JSON.stringify(former)]]);
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    removeItem: (key: string) => void kept.delete(key),
  };
  const asked: string[] = [];
  const statuses: number[] = [];
  const call = async (_: unknown, { body }: { body: { name: string } }): Promise<unknown> => {
    asked.push(body.name);
    const status = statuses.shift();
    if (status !== undefined && status !== 201) throw new ApiError('NO_ANSWER' as never, 'No.', status);
    return {};
  };
  const api = { call } as unknown as Pick<ApiClient, 'call'>;
  for (const status of [0, 401, 429, 503]) {
    statuses.push(201, status);
    await assert.rejects(adoptViews(api, storage, 'views'), { status });
    assert.ok(kept.has('views'), String(status));
  }
  asked.length = 0;
  statuses.push(409, 404, 201);
  await adoptViews(api, storage, 'views');
  assert.deepEqual([asked, kept.size], [['One', 'Two', 'Three'], 0]);
  await adoptViews(api, storage, 'views');
  assert.equal(asked.length, 3);
});
