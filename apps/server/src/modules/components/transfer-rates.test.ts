import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ratesUnderLoad } from './transfer-rates.ts';

test('a server that has time sends as fast as is set', () => {
  assert.deepEqual(ratesUnderLoad({ all: undefined, each: 5_000 }, 0), { all: undefined, each: 5_000 });
  assert.deepEqual(ratesUnderLoad({ all: 9_000_000 }, 0.6), { all: 9_000_000, each: undefined });
});

test('the busier it is, the less it sends, and never nothing', () => {
  const rates = [0.65, 0.8, 0.9, 0.95, 1].map((part) => ratesUnderLoad({}, part).all ?? Infinity);
  assert.deepEqual(
    rates,
    rates.toSorted((left, right) => right - left),
  );
  assert.ok(new Set(rates).size >= 4);
  assert.equal(rates.at(-1), 1_048_576);
  assert.ok((rates[0] ?? 0) > 100_000_000);
});

test('load makes nothing faster than is set', () => {
  assert.equal(ratesUnderLoad({ all: 10_000 }, 1).all, 10_000);
  assert.equal(ratesUnderLoad({ all: 10_000 }, Number.NaN).all, 10_000);
});
