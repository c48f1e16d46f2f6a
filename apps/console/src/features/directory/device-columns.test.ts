import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstColumns, ordinaryColumns, parseColumns, shiftColumn, toggleColumn } from './device-columns.ts';

test('remembered columns are made whole', () => {
  assert.deepEqual(parseColumns(['status', 'name', 'status', 'weight', 3]), ['status', 'name']);
  assert.deepEqual(parseColumns(['system']), ['name', 'system']);
  for (const stored of [undefined, null, 'name', [], ['weight']])
    assert.deepEqual(parseColumns(stored), ordinaryColumns);
});

test('the name cannot be hidden', () => {
  assert.deepEqual(toggleColumn(['name', 'system'], 'name'), ['name', 'system']);
  assert.deepEqual(toggleColumn(['name', 'system'], 'system'), ['name']);
  assert.deepEqual(toggleColumn(['name'], 'group'), ['name', 'group']);
});

test('a column moves one place and stays within the row', () => {
  assert.deepEqual(shiftColumn(['name', 'status', 'system'], 'status', 'up'), ['status', 'name', 'system']);
  assert.deepEqual(shiftColumn(['name', 'status', 'system'], 'status', 'down'), ['name', 'system', 'status']);
  assert.deepEqual(shiftColumn(['name', 'status'], 'name', 'up'), ['name', 'status']);
  assert.deepEqual(shiftColumn(['name', 'status'], 'system', 'up'), ['name', 'status']);
});

test('tags are shown by themselves once there are any, in a list that is no wider for it', () => {
  assert.deepEqual(firstColumns(false, false), ordinaryColumns);
  assert.ok(firstColumns(true, false).includes('tags'));
  assert.equal(firstColumns(true, false).length, ordinaryColumns.length);
});

test('model and owner are shown by themselves where there is room', () => {
  assert.deepEqual(firstColumns(false, true), [...ordinaryColumns, 'model', 'owner']);
});
