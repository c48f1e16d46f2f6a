import assert from 'node:assert/strict';
import { test } from 'node:test';
import { permissions } from '@holdfast/api';
import { permissionGroupsOf } from './permission-groups.ts';

test('every permission stands under exactly one heading', () => {
  const grouped = permissionGroupsOf(permissions).flatMap((group) => group.permissions);
  assert.deepEqual(grouped.toSorted(), [...permissions].toSorted());
});

test('a heading with nothing below it is left out', () => {
  assert.deepEqual(permissionGroupsOf(['settings:read', 'commands:read']), [
    { topic: 'devices', permissions: ['commands:read'] },
    { topic: 'administration', permissions: ['settings:read'] },
  ]);
  assert.deepEqual(permissionGroupsOf([]), []);
});
