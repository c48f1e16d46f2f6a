import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  emptySelection,
  headStateOf,
  isEmptySelection,
  isSelected,
  type Selection,
  selectRange,
  toggleLoaded,
  toggleRow,
} from './selection.ts';

const loaded = ['a', 'b', 'c', 'd'];
const some = (...ids: string[]): Selection => ({ kind: 'some', ids: new Set(ids) });

test('a row that is toggled twice is as before', () => {
  const once = toggleRow(emptySelection, 'b', loaded);
  assert.deepEqual(once, some('b'));
  assert.equal(isEmptySelection(toggleRow(once, 'b', loaded)), true);
});

test('taking one row out of all leaves the other loaded rows', () => {
  assert.deepEqual(toggleRow({ kind: 'all' }, 'c', loaded), some('a', 'b', 'd'));
});

test('a range goes from the anchor to the row in either direction', () => {
  assert.deepEqual(selectRange(some('b'), 'b', 'd', loaded), some('b', 'c', 'd'));
  assert.deepEqual(selectRange(some('d'), 'd', 'b', loaded), some('d', 'b', 'c'));
});

test('a range whose anchor is gone is the row alone', () => {
  assert.deepEqual(selectRange(emptySelection, 'gone', 'c', loaded), some('c'));
  assert.deepEqual(selectRange(emptySelection, undefined, 'c', loaded), some('c'));
});

test('the checkbox above the list tells none, some and all apart', () => {
  assert.equal(headStateOf(emptySelection, loaded), 'none');
  assert.equal(headStateOf(some('a'), loaded), 'some');
  assert.equal(headStateOf(some(...loaded), loaded), 'all');
  assert.equal(headStateOf({ kind: 'all' }, []), 'all');
  assert.equal(headStateOf(some('x'), []), 'some');
});

test('toggling the loaded rows selects all of them, then none', () => {
  const all = toggleLoaded(some('a'), loaded);
  assert.deepEqual(all, some(...loaded));
  assert.deepEqual(toggleLoaded(all, loaded), emptySelection);
});

test('all means rows that are not loaded too', () => {
  assert.equal(isSelected({ kind: 'all' }, 'not loaded'), true);
});
