import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BackOff, backOffMs, longestWaitMs } from './back-off.ts';

const patience: BackOff = { firstMs: 1_000, longestMs: 300_000 };

test('each wait is twice as long as the one before, up to the longest', () => {
  const waits = [1, 2, 3, 4, 20, 1_000].map((failures) => backOffMs(patience, failures, 0.5));
  assert.deepEqual(waits, [1_000, 2_000, 4_000, 8_000, 300_000, 300_000]);
});

test('those that failed together try again at different times, a fifth more or less', () => {
  for (const [failures, wholeMs] of [
    [1, 1_000],
    [30, 300_000],
  ] as const) {
    const waits = [0, 0.25, 0.5, 0.75, 1].map((random) => backOffMs(patience, failures, random));
    assert.deepEqual(
      waits,
      [0.8, 0.9, 1, 1.1, 1.2].map((share) => Math.round(wholeMs * share)),
    );
    assert.ok(Math.max(...waits) <= longestWaitMs(patience));
  }
});
