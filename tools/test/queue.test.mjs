import assert from 'node:assert/strict';
import { test } from 'node:test';

import { takeNext } from './queue.mjs';

const system = (path) => ({ path, isSystem: true });
const other = (path) => ({ path, isSystem: false });

test('two files of the whole system run side by side, and others beside them', () => {
  const queue = [system('a'), system('b'), system('c'), other('d')];
  const taken = [0, 1, 2].map((systemCount) => takeNext(queue, systemCount, 4)?.path);
  assert.deepEqual(taken, ['a', 'b', 'd']);
});

test('three of them run side by side when nothing else is left, and the fourth lane ends', () => {
  const queue = [system('a'), system('b')];
  assert.equal(takeNext(queue, 2, 4)?.path, 'a');
  assert.equal(takeNext(queue, 3, 4), undefined);
  assert.equal(takeNext(queue, 2, 4)?.path, 'b');
});

test('never more than were asked for', () => {
  const queue = [system('a'), other('b')];
  assert.equal(takeNext(queue, 1, 1)?.path, 'b');
  assert.equal(takeNext(queue, 1, 1), undefined);
  assert.equal(takeNext(queue, 0, 1)?.path, 'a');
});
