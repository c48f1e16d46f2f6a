import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calculateFreePercent, createReadActivity } from './activity.ts';

test('space that only root may use counts neither as used nor as free', () => {
  assert.equal(calculateFreePercent({ blocks: 1_000, bfree: 600, bavail: 600 }), 60);
  assert.equal(calculateFreePercent({ blocks: 1_000, bfree: 500, bavail: 300 }), 37.5);
  assert.equal(calculateFreePercent({ blocks: 1_000, bfree: 1_000, bavail: 950 }), 100);
  assert.equal(calculateFreePercent({ blocks: 1_000, bfree: 50, bavail: 0 }), 0);
});

test('a volume without blocks has no share', () => {
  assert.equal(calculateFreePercent({ blocks: 0, bfree: 0, bavail: 0 }), undefined);
});

test('what a volume does not tell is left out of the activity', async () => {
  assert.equal((await createReadActivity('linux', async () => 37.5)()).systemVolumeFreePercent, 37.5);
  const activity = await createReadActivity('linux', async () => undefined)();
  assert.equal('systemVolumeFreePercent' in activity, false);
});
