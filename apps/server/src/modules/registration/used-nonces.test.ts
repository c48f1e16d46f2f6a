import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsedNonces } from './used-nonces.ts';

test('a nonce is accepted once', () => {
  const used = new UsedNonces();
  assert.equal(used.add('a', 100, 0), true);
  assert.equal(used.add('a', 100, 0), false);
  assert.equal(used.add('b', 100, 0), true);
});

test('the list forgets what has expired and stays short', () => {
  const used = new UsedNonces();
  for (let round = 0; round < 10_000; round += 1) used.add(`n${round}`, round + 50, round);
  assert.ok(used.size <= 60, `${used.size}`);
});

test('a full list accepts nothing until something in it has expired', () => {
  const used = new UsedNonces(2);
  used.add('a', 100, 0);
  used.add('b', 200, 0);
  assert.equal(used.add('c', 300, 50), false);
  assert.equal(used.add('c', 300, 100), true);
});
