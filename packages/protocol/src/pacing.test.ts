import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { planFirstHeartbeatMs, planNextHeartbeatMs } from './pacing.ts';

const interval = fc.integer({ min: 1_000, max: 28_800_000 });
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('each wait is the interval, 10 % more or less', () => {
  fc.assert(
    fc.property(interval, random, (intervalMs, chance) => {
      const waitMs = planNextHeartbeatMs(intervalMs, chance);
      assert(waitMs >= intervalMs * 0.9 - 1 && waitMs <= intervalMs * 1.1 + 1);
    }),
  );
  assert.equal(planNextHeartbeatMs(60_000, 0), 54_000);
  assert.equal(planNextHeartbeatMs(60_000, 0.5), 60_000);
});

test('the first wait is anywhere within one interval', () => {
  fc.assert(
    fc.property(interval, random, (intervalMs, chance) => {
      const waitMs = planFirstHeartbeatMs(intervalMs, chance);
      assert(waitMs >= 0 && waitMs < intervalMs);
    }),
  );
});
