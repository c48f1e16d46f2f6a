import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AsleepProducts } from './asleep.ts';

test('whoever is awake is handed out once, however they were mixed with those who sleep on', () => {
  const asleep = new Set([1, 2, 3, 4, 5, 6]);
  const products = new AsleepProducts((number) => asleep.has(number));
  for (const number of [...asleep, 3, 3]) products.add(number);
  assert.deepEqual(products.takeAwake(), []);
  for (const number of [2, 3, 6]) asleep.delete(number);
  assert.deepEqual(
    products.takeAwake().toSorted((a, b) => a - b),
    [2, 3, 6],
  );
  assert.equal(products.count, 3);
  asleep.clear();
  assert.deepEqual(
    products.takeAwake().toSorted((a, b) => a - b),
    [1, 4, 5],
  );
  assert.deepEqual(products.takeAwake(), []);
});

test('a fleet that wakes up together is handed out over several turns, and nobody is left out', () => {
  let isNight = true;
  const products = new AsleepProducts(() => isNight);
  for (let number = 1; number <= 50_000; number += 1) products.add(number);
  products.takeAwake();
  isNight = false;
  const turns: number[][] = [];
  while (products.count > 0) turns.push(products.takeAwake());
  assert.ok(turns.length >= 3);
  assert.equal(new Set(turns.flat()).size, 50_000);
});
