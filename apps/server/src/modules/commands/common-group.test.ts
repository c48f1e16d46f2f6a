import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findCommonGroupId } from './common-group.ts';

for (const [paths, expected] of [
  [[], undefined],
  [[[]], undefined],
  [[['top', 'berlin']], 'berlin'],
  [
    [
      ['top', 'berlin'],
      ['top', 'berlin', 'room'],
    ],
    'berlin',
  ],
  [
    [
      ['top', 'berlin', 'room'],
      ['top', 'berlin', 'hall'],
      ['top', 'berlin', 'room'],
    ],
    'berlin',
  ],
  [
    [
      ['top', 'berlin'],
      ['top', 'paris', 'berlin'],
    ],
    'top',
  ],
  [[['a'], ['b']], undefined],
] as const) {
  test(`places ${JSON.stringify(paths)} have ${expected ?? 'no group'} in common`, () => {
    assert.equal(findCommonGroupId(paths.map((path) => ({ path }))), expected);
  });
}
