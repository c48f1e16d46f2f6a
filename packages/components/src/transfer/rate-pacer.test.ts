import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TransferRates } from './file-server-limits.ts';
import { createRatePacer } from './rate-pacer.ts';

const never = new AbortController().signal;

/** A pacer on a clock that stands still; waiting is noted, and moves the clock where the test says so. */
function createPaced(initial: TransferRates) {
  const paced = { now: 1_000, rates: initial, waits: [] as number[] };
  const pacer = createRatePacer({
    rates: () => paced.rates,
    clock: { monotonic: () => paced.now },
    wait: async (ms) => {
      paced.waits.push(Math.round(ms));
    },
  });
  return { paced, pacer };
}

test('without rates nobody waits', async () => {
  const { paced, pacer } = createPaced({});
  for (let piece = 0; piece < 100; piece += 1) await pacer.take('a', pacer.pieceBytes(), never);
  assert.deepEqual(paced.waits, []);
  assert.equal(pacer.pieceBytes(), 65_536);
});

test('a caller gets its rate, and what it did not use is not saved up', async () => {
  const { paced, pacer } = createPaced({ each: 1_000 });
  paced.now += 3_600_000;
  for (let second = 0; second < 4; second += 1) await pacer.take('a', 1_000, never);
  assert.deepEqual(paced.waits, [750, 1_750, 2_750, 3_750]);
  await pacer.take('b', 1_000, never);
  assert.deepEqual(paced.waits.at(-1), 750, 'another caller does not pay for the first');
});

test('all callers together stay below the rate of all', async () => {
  const { paced, pacer } = createPaced({ all: 1_000, each: 1_000_000 });
  for (const caller of ['a', 'b', 'c', 'd']) await pacer.take(caller, 1_000, never);
  assert.deepEqual(paced.waits, [750, 1_750, 2_750, 3_750]);
});

test('a new rate counts with the next piece, and pieces are small where the rate is low', async () => {
  const { paced, pacer } = createPaced({ all: 8_000 });
  assert.equal(pacer.pieceBytes(), 2_000);
  await pacer.take('a', 8_000, never);
  paced.now += 1_000;
  paced.rates = { all: 80_000 };
  assert.equal(pacer.pieceBytes(), 20_000);
  await pacer.take('a', 40_000, never);
  assert.deepEqual(paced.waits, [750, 250]);
  paced.rates = { each: 10 };
  assert.equal(pacer.pieceBytes(), 1_024);
});

test('a caller that goes and comes back has not become a new one', async () => {
  const { paced, pacer } = createPaced({ each: 1_000 });
  await pacer.take('a', 10_000, never);
  for (let other = 0; other < 5_000; other += 1) await pacer.take(`caller ${other}`, 1, never);
  await pacer.take('a', 1_000, never);
  assert.equal(paced.waits.at(-1), 10_750);
});
