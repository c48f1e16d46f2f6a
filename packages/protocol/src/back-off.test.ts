import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { defaultBackOff, planRetryMs } from './back-off.ts';

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('every wait lies between the minimum and the ceiling, however many failures', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), random, (failures, chance) => {
      const waitMs = planRetryMs(failures, chance);
      assert(waitMs >= defaultBackOff.minMs && waitMs <= defaultBackOff.maxMs);
    }),
  );
});

test('the ceiling doubles with each failure until it is reached', () => {
  const ceilings = [1, 2, 3, 8, 9, 100].map((failures) => planRetryMs(failures, 0.999_999_9));
  assert.deepEqual(ceilings, [2_000, 4_000, 8_000, 256_000, 300_000, 300_000]);
  assert.equal(planRetryMs(100, 0), defaultBackOff.minMs);
});

test('what the server asked for is the least, with jitter on top', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      random,
      fc.nat({ max: 600_000 }),
      (failures, chance, askedMs) => {
        const waitMs = planRetryMs(failures, chance, defaultBackOff, askedMs);
        assert(waitMs >= askedMs && waitMs <= Math.max(defaultBackOff.maxMs, 2 * askedMs));
      },
    ),
  );
});
