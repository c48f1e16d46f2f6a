import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countMadeKeys, findFamily } from './key-descent.ts';

test('each key counts what it made, and what that made', () => {
  const descents = [
    { id: 'child', madeById: 'root' },
    { id: 'grandchild', madeById: 'child' },
    { id: 'other child', madeById: 'root' },
    { id: 'cousin', madeById: 'other root' },
  ];
  const counts = new Map([
    ['root', 3],
    ['child', 1],
    ['other root', 1],
  ]);
  assert.deepEqual(new Map(countMadeKeys(descents)), counts);
  assert.deepEqual(new Map(countMadeKeys(descents.toReversed())), counts);
  assert.equal(countMadeKeys([]).size, 0);
  assert.deepEqual(findFamily('root', descents), ['root', 'child', 'other child', 'grandchild']);
  assert.deepEqual(findFamily('cousin', descents), ['cousin']);
});

test('a long descent costs as much as a wide one', () => {
  const descents = Array.from({ length: 100_000 }, (_, index) => ({
    id: String(index + 1),
    madeById: String(index),
  }));
  assert.equal(countMadeKeys(descents).get('0'), 100_000);
  assert.equal(findFamily('0', descents).length, 100_001);
});
