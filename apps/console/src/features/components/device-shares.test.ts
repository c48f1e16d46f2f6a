import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceSharesOf } from './device-shares.ts';

test('a device that failed is not counted as behind as well', () => {
  assert.deepEqual(deviceSharesOf({ upToDate: 200, behind: 30, failed: 4 }), {
    total: 230,
    upToDate: 200,
    behind: 26,
    failed: 4,
  });
});

test('nor as up to date, where nothing newer was to be had', () => {
  assert.deepEqual(deviceSharesOf({ upToDate: 3, behind: 1, failed: 2 }), {
    total: 4,
    upToDate: 2,
    behind: 0,
    failed: 2,
  });
});

test('without devices there is nothing to divide', () => {
  assert.deepEqual(deviceSharesOf({ upToDate: 0, behind: 0, failed: 0 }), {
    total: 0,
    upToDate: 0,
    behind: 0,
    failed: 0,
  });
});
