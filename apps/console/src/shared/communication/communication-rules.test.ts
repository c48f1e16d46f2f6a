import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf } from './communication-rules.ts';

const faults = (heartbeatIntervalMs: number, offlineTimeoutMs: number): readonly string[] =>
  faultsOf({ heartbeatIntervalMs, offlineTimeoutMs });

test('a timeout of exactly three intervals is allowed, less is not', () => {
  assert.deepEqual(faults(60_000, 180_000), []);
  assert.deepEqual(faults(60_000, 179_999), ['timeout-too-short']);
});

test('the interval stays within its limits', () => {
  assert.deepEqual(faults(1_000, 3_000), []);
  assert.deepEqual(faults(999, 3_000), ['interval-range']);
  assert.deepEqual(faults(28_800_000, 86_400_000), []);
  assert.deepEqual(faults(28_800_001, 86_400_003), ['interval-range']);
});

test('the timeout has an upper limit', () => {
  assert.deepEqual(faults(60_000, 604_800_000), []);
  assert.deepEqual(faults(60_000, 604_800_001), ['timeout-range']);
});

test('what is no number is refused', () => {
  assert.deepEqual(faults(Number.NaN, 60_000), ['interval-range', 'timeout-too-short']);
  assert.deepEqual(faults(1_000, Number.NaN), ['timeout-too-short', 'timeout-range']);
});
