import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupPathIds } from './group-path.ts';

test('a group is known by the groups above it that can be seen', () => {
  const groups = [
    { id: 'berlin', parentId: 'hidden' },
    { id: 'sales', parentId: 'berlin' },
    { id: 'paris', parentId: 'hidden' },
  ];
  assert.deepEqual(groupPathIds(groups, 'sales'), ['hidden', 'berlin', 'sales']);
  assert.deepEqual(groupPathIds(groups, 'unknown'), ['unknown']);
});
