import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { durationPartsOf, joinDuration, splitDuration } from './duration.ts';

test('a duration is told in its two greatest parts', () => {
  assert.deepEqual(durationPartsOf(0), [{ unit: 'second', value: 0 }]);
  assert.deepEqual(durationPartsOf(250), [{ unit: 'millisecond', value: 250 }]);
  assert.deepEqual(durationPartsOf(45_000), [{ unit: 'second', value: 45 }]);
  assert.deepEqual(durationPartsOf(5_400_000), [
    { unit: 'hour', value: 1 },
    { unit: 'minute', value: 30 },
  ]);
  assert.deepEqual(durationPartsOf(86_400_000 + 59_000), [{ unit: 'day', value: 1 }]);
});

test('a duration that no greater unit divides stays in the smaller one', () => {
  assert.deepEqual(splitDuration(90_000), { amount: 90, unit: 'second' });
  assert.deepEqual(splitDuration(120_000), { amount: 2, unit: 'minute' });
  assert.deepEqual(splitDuration(7 * 86_400_000), { amount: 7, unit: 'day' });
  assert.deepEqual(splitDuration(1_500), { amount: 1.5, unit: 'second' });
});

test('splitting and joining a duration gives it back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 31_622_400_000 }), (durationMs) => {
      assert.equal(joinDuration(splitDuration(durationMs)), durationMs);
    }),
  );
});
