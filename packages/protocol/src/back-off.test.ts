import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { defaultBackOff, planRetryMs, planReturnMs } from './back-off.ts';

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

test('a product that lost its server comes back evenly within the time that the server gave its fleet', () => {
  const waits = [0, 0.25, 0.5, 0.75].map((chance) => planReturnMs(1, chance, 101_000));
  assert.deepEqual(waits, [1_000, 26_000, 51_000, 76_000]);
});

test('without a spread, or with one that is shorter, the wait is that of any other failure', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      random,
      fc.nat({ max: 600_000 }),
      (failures, chance, askedMs) => {
        const plain = planRetryMs(failures, chance, defaultBackOff, askedMs);
        assert.equal(planReturnMs(failures, chance, 0, askedMs), plain);
        assert.equal(planReturnMs(failures, chance, 2_000, askedMs), plain);
      },
    ),
  );
});

test('within the spread nobody comes before the time that the server asked for, and nobody after both', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      random,
      fc.nat({ max: 3_600_000 }),
      fc.nat({ max: 600_000 }),
      (failures, chance, spreadMs, askedMs) => {
        const waitMs = planReturnMs(failures, chance, spreadMs, askedMs);
        assert(waitMs >= defaultBackOff.minMs && waitMs >= askedMs);
        assert(waitMs <= Math.max(spreadMs, defaultBackOff.maxMs, 2 * askedMs));
      },
    ),
  );
});
