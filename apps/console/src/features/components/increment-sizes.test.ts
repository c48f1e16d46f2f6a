import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReleaseOfComponent } from '@holdfast/api';
import { incrementSizesOf, stepOf } from './increment-sizes.ts';

const release: ReleaseOfComponent = {
  release: 9,
  version: '9.0',
  isUrgent: false,
  arrivedAt: '2026-12-01T00:00:00.000Z',
  fullBytes: 1_000,
  increments: [
    { from: 7, encoding: 'zstd', bytes: 500 },
    { from: 8, encoding: 'zstd', bytes: 10 },
    { from: 6, encoding: 'zstd', bytes: 0 },
  ],
  deviceCount: 0,
};

test('an increment says how many times smaller it is', () => {
  assert.deepEqual(
    incrementSizesOf(release).map(({ times }) => times),
    [2, 100, 1_000],
  );
});

test('what a device loads is the step from the release before', () => {
  assert.equal(stepOf(release)?.bytes, 10);
  assert.equal(stepOf({ ...release, increments: [] }), undefined);
});
