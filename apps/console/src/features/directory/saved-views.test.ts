import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ordinaryColumns } from './device-columns.ts';
import {
  findOpenView,
  findView,
  maxSavedViews,
  parseSavedViews,
  type SavedView,
  undoRemoval,
  undoSave,
  withoutView,
  withView,
} from './saved-views.ts';

const laptops: SavedView = { name: 'Laptops', search: { platform: 'macos' }, columns: ['name', 'status'] };
const open: SavedView = {
  name: 'Not encrypted',
  search: { encryption: 'not-encrypted', order: 'descending' },
  columns: ordinaryColumns,
};

test('views are kept by name, and one of the same name gives way', () => {
  const views = withView(withView([], open), laptops);
  assert.deepEqual(views, [laptops, open]);
  const changed = { ...laptops, name: 'laptops', search: {} };
  assert.deepEqual(withView(views, changed), [changed, open]);
  assert.deepEqual(findView(views, 'LAPTOPS'), laptops);
  assert.deepEqual(withoutView(views, 'LAPTOPS'), [open]);
});

test('a view is open when filters, order and columns are its own, in whatever order the filters came', () => {
  const views = [laptops, open];
  assert.equal(
    findOpenView(views, { order: 'descending', encryption: 'not-encrypted' }, ordinaryColumns),
    open,
  );
  assert.equal(findOpenView(views, { platform: 'macos' }, ordinaryColumns), undefined);
  assert.equal(findOpenView(views, {}, ordinaryColumns), undefined);
});

test('what was remembered comes back, and what is no view is dropped', () => {
  assert.deepEqual(parseSavedViews(JSON.parse(JSON.stringify([open, laptops]))), [laptops, open]);
  const odd = [null, 7, {}, { name: ' ', search: {} }, { name: 'x' }, { name: 'x', search: [] }];
  assert.deepEqual(parseSavedViews(odd), []);
  assert.deepEqual(parseSavedViews('views'), []);
  assert.deepEqual(parseSavedViews([{ name: 'x', search: { platform: 'toaster' }, columns: ['colour'] }]), [
    { name: 'x', search: {}, columns: ordinaryColumns },
  ]);
});

test('an undo takes back the one change, and nothing that happened since', () => {
  const servers: SavedView = { name: 'Servers', search: {}, columns: ordinaryColumns };
  const both = [laptops, open];
  const none = withoutView(withoutView(both, laptops.name), open.name);
  assert.deepEqual(undoRemoval(laptops)(none), [laptops]);
  assert.deepEqual(undoSave(servers.name, undefined)(withView(none, servers)), []);
  const changed = { ...laptops, search: {} };
  const since = withView(withView(both, changed), servers);
  assert.deepEqual(undoSave(changed.name, laptops)(since), [laptops, open, servers]);
});

test('there is an end to how many are kept', () => {
  const many = Array.from({ length: maxSavedViews + 5 }, (_, index) => ({ name: `v${index}`, search: {} }));
  assert.equal(parseSavedViews(many).length, maxSavedViews);
});
