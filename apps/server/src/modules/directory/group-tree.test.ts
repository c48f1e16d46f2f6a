import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasCode } from '@holdfast/kernel';
import {
  assertNoCycle,
  assertNotFixed,
  assertRoomForGroups,
  chooseRestoredName,
  cleanGroupName,
  MAX_GROUPS,
  placeBelow,
} from './group-tree.ts';

const parent = { id: 'p', path: ['top', 'p'], names: ['P'], depth: 1 };

test('the place of a group follows from its parent and its name', () => {
  assert.deepEqual(placeBelow(parent, { id: 'g', name: 'G' }), {
    parentId: 'p',
    path: ['top', 'p', 'g'],
    names: ['P', 'G'],
    depth: 2,
  });
});

test('the depth of all that moves along counts', () => {
  const deep = { ...parent, depth: 14 };
  assert.doesNotThrow(() => placeBelow(deep, { id: 'g', name: 'G' }, 1));
  assert.throws(
    () => placeBelow(deep, { id: 'g', name: 'G' }, 2),
    (error) => hasCode(error, 'GROUP_TOO_DEEP'),
  );
});

test('a group cannot be moved into itself or anything in it', () => {
  const group = { id: 'p', name: 'P' };
  for (const path of [
    ['top', 'p'],
    ['top', 'p', 'q', 'r'],
  ]) {
    assert.throws(
      () => assertNoCycle(group, { path }),
      (error) => hasCode(error, 'GROUP_CYCLE'),
    );
  }
  assert.doesNotThrow(() => assertNoCycle(group, { path: ['top', 'q'] }));
});

test('fixed groups stay, and there is a bound to their number', () => {
  assert.throws(
    () => assertNotFixed({ isFixed: true, name: 'New devices' }),
    (error) => hasCode(error, 'GROUP_FIXED'),
  );
  assert.doesNotThrow(() => assertRoomForGroups(MAX_GROUPS - 1, 1));
  assert.throws(
    () => assertRoomForGroups(MAX_GROUPS - 1, 2),
    (error) => hasCode(error, 'GROUP_LIMIT_REACHED'),
  );
});

test('a name has one spelling', () => {
  assert.equal(cleanGroupName('  Sales   Zoe\u0308 '), 'Sales Zoë');
});

test('a restored group keeps its name where it can', () => {
  const taken = new Set(['sales', 'sales (restored)']);
  const isTaken = (name: string): boolean => taken.has(name.toLowerCase());
  assert.equal(chooseRestoredName('Depot', isTaken), 'Depot');
  assert.equal(chooseRestoredName('Sales', isTaken), 'Sales (restored 2)');
});
