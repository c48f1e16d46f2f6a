import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retryDelayMs } from './retry-delay.ts';

test('a subscriber waits twice as long after each failure, up to five minutes', () => {
  const waits = [1, 2, 3, 4, 20, 1_000].map((attempts) => retryDelayMs(attempts, 0.5));
  assert.deepEqual(waits, [1_000, 2_000, 4_000, 8_000, 300_000, 300_000]);
});

test('those that failed together try again at different times, a fifth more or less', () => {
  for (const [attempts, wholeMs] of [
    [1, 1_000],
    [30, 300_000],
  ] as const) {
    const waits = [0, 0.25, 0.5, 0.75, 1].map((random) => retryDelayMs(attempts, random));
    assert.deepEqual(
      waits,
      [0.8, 0.9, 1, 1.1, 1.2].map((share) => Math.round(wholeMs * share)),
    );
  }
});
