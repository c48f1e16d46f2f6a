import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Group } from '@holdfast/api';
import { countBelow } from './group-list.ts';

function group(path: readonly string[], deviceCount: number): Group {
  return {
    id: path.join('/'),
    parentId: path.length === 0 ? null : path.slice(0, -1).join('/'),
    name: path.at(-1) ?? 'Holdfast',
    path: [...path],
    depth: path.length,
    revision: 1,
    deviceCount,
    isFixed: false,
  };
}

test('groups stand in the order of the tree, with the devices in them and in all below them', () => {
  const groups = [
    group(['Rome'], 1),
    group(['Berlin', 'Floor 10'], 2),
    group(['Berlin'], 3),
    group(['Berlin', 'Floor 9', 'Lab'], 4),
    group([], 0),
    group(['Berlin', 'Floor 9'], 5),
    group(['Berlin-Mitte'], 6),
  ];
  assert.deepEqual(
    countBelow(groups).map(({ id, deviceCount, deviceCountWithSubgroups }) => [
      id,
      deviceCount,
      deviceCountWithSubgroups,
    ]),
    [
      ['', 0, 21],
      ['Berlin', 3, 14],
      ['Berlin/Floor 9', 5, 9],
      ['Berlin/Floor 9/Lab', 4, 4],
      ['Berlin/Floor 10', 2, 2],
      ['Berlin-Mitte', 6, 6],
      ['Rome', 1, 1],
    ],
  );
});

test('a part of the tree is counted as far as it is seen', () => {
  const seen = [group(['Berlin', 'Sales'], 2), group(['Berlin', 'Sales', 'North'], 3)];
  assert.deepEqual(
    countBelow(seen).map(({ deviceCountWithSubgroups }) => deviceCountWithSubgroups),
    [5, 3],
  );
});
