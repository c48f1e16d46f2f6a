import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backOffMs, defaultBackOff } from './back-off.ts';

test('a job waits twice as long each time, up to an hour', () => {
  const waits = [1, 2, 3, 4, 20, 1_000].map((attempt) => backOffMs(defaultBackOff, attempt, 0.5));
  assert.deepEqual(waits, [10_000, 20_000, 40_000, 80_000, 3_600_000, 3_600_000]);
});

test('jobs that failed together come back at different times, a fifth more or less', () => {
  for (const [attempt, straightMs] of [
    [1, 10_000],
    [30, 3_600_000],
  ] as const) {
    const waits = [0, 0.25, 0.5, 0.75, 1].map((random) => backOffMs(defaultBackOff, attempt, random));
    assert.deepEqual(
      waits,
      [0.8, 0.9, 1, 1.1, 1.2].map((share) => Math.round(straightMs * share)),
    );
  }
});
