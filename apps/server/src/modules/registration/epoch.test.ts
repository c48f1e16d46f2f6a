import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limits } from '@holdfast/protocol';
import fc from 'fast-check';
import { nextEpoch } from './epoch.ts';

const NOW = Date.UTC(2027, 0, 1);

test('an epoch is greater than the recorded one and than what the product remembers', () => {
  const epoch = fc.integer({ min: 0, max: 90_000_000 });
  fc.assert(
    fc.property(
      epoch,
      fc.option(epoch, { nil: undefined }),
      fc.integer({ min: -1e12, max: 1e13 }),
      (now, old, ms) => {
        const next = nextEpoch(now, old, ms);
        assert.ok(next > now && next >= 1 && next <= limits.maxEpoch);
        if (old !== undefined && old < now + 50_000_000) assert.ok(next > old);
      },
    ),
  );
});

test('a server that lost every record gives no epoch of an earlier second again', () => {
  const before = nextEpoch(0, undefined, NOW);
  assert.ok(nextEpoch(0, undefined, NOW + 1_000) > before);
});

test('a product that claims an absurd epoch does not use up its epochs', () => {
  assert.equal(nextEpoch(5, limits.maxEpoch, NOW), nextEpoch(5, undefined, NOW));
});

test('a product that leaps again and again does not use up its epochs', () => {
  let epoch = nextEpoch(0, undefined, NOW);
  for (let leaps = 0; leaps < 100; leaps += 1) {
    const next = nextEpoch(epoch, epoch + 99_999_990, NOW);
    assert.ok(next > epoch);
    epoch = next;
  }
  assert.ok(epoch < 200_000_000);
});

test('the last epoch of all is given again rather than exceeded', () => {
  assert.equal(nextEpoch(limits.maxEpoch, undefined, NOW), limits.maxEpoch);
});
