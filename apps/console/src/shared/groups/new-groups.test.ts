import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Group } from '@holdfast/api';
import { planNewGroups } from './new-groups.ts';

function group(id: string, name: string, parentId: string | null): Group {
  return { id, parentId, name, path: [], depth: 0, revision: 1, deviceCount: 0, isFixed: false };
}

const top = group('top', 'All devices', null);
const berlin = group('berlin', 'Berlin', 'top');
const groups = [top, berlin, group('sales', 'Sales', 'berlin')];

test('a plain name is one new group', () => {
  assert.deepEqual(planNewGroups(groups, top, ' Oslo '), { parent: top, names: ['Oslo'] });
});

test('of a path, what is there is gone through, and the rest is created one in the other', () => {
  assert.deepEqual(planNewGroups(groups, top, 'berlin/Support'), { parent: berlin, names: ['Support'] });
  assert.deepEqual(planNewGroups(groups, top, '/Oslo / Sales/'), { parent: top, names: ['Oslo', 'Sales'] });
});

test('a group of the same name elsewhere is not gone through', () => {
  assert.deepEqual(planNewGroups(groups, top, 'Sales'), { parent: top, names: ['Sales'] });
});

test('of a path that is there, nothing is created', () => {
  assert.deepEqual(planNewGroups(groups, top, 'Berlin/Sales').names, []);
  assert.deepEqual(planNewGroups(groups, top, ' / ').names, []);
});
