import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Group } from '@holdfast/api';
import { buildGroupTree, findByPrefix, subtreeIds, treeStepOf, visibleLines } from './group-tree.ts';

function group(
  id: string,
  parentId: string | null,
  name: string,
  deviceCount: number,
  isFixed = false,
): Group {
  return { id, parentId, name, path: [], depth: 0, revision: 1, deviceCount, isFixed };
}

const groups = [
  group('top', null, 'Organisation', 1, true),
  group('berlin', 'top', 'Berlin', 2),
  group('new', 'top', 'New devices', 3, true),
  group('sales', 'berlin', 'Sales 10', 4),
  group('sales2', 'berlin', 'Sales 2', 5),
];
const roots = buildGroupTree(groups);
const open = visibleLines(roots, new Set(['top', 'berlin']));
const ids = (lines: readonly { readonly id: string }[]): string[] => lines.map((line) => line.id);

test('children are sorted by name with numbers as numbers, fixed groups first', () => {
  assert.deepEqual(ids(open), ['top', 'new', 'berlin', 'sales2', 'sales']);
});

test('a group counts the devices of all its subgroups', () => {
  assert.equal(roots[0]?.totalCount, 15);
  assert.equal(open[2]?.node.totalCount, 11);
});

test('a collapsed group hides what is below it', () => {
  assert.deepEqual(ids(visibleLines(roots, new Set(['top']))), ['top', 'new', 'berlin']);
  assert.deepEqual(ids(visibleLines(roots, new Set())), ['top']);
});

test('a line says its level, its place and whether it is open', () => {
  const sales = open[4];
  assert.deepEqual([sales?.level, sales?.position, sales?.setSize, sales?.isExpanded], [3, 2, 2, undefined]);
});

test('groups whose parent is out of scope are roots', () => {
  assert.deepEqual(ids(visibleLines(buildGroupTree(groups.slice(3)), new Set())), ['sales2', 'sales']);
});

test('arrow keys walk, open and close as in the WAI-ARIA tree pattern', () => {
  assert.deepEqual(treeStepOf(open, 'top', 'ArrowDown'), { kind: 'focus', id: 'new' });
  assert.deepEqual(treeStepOf(open, 'new', 'ArrowUp'), { kind: 'focus', id: 'top' });
  assert.equal(treeStepOf(open, 'top', 'ArrowUp'), undefined);
  assert.deepEqual(treeStepOf(open, 'berlin', 'ArrowRight'), { kind: 'focus', id: 'sales2' });
  assert.deepEqual(treeStepOf(open, 'berlin', 'ArrowLeft'), { kind: 'collapse', id: 'berlin' });
  assert.deepEqual(treeStepOf(open, 'sales', 'ArrowLeft'), { kind: 'focus', id: 'berlin' });
  assert.equal(treeStepOf(open, 'sales', 'ArrowRight'), undefined);
  assert.deepEqual(treeStepOf(open, 'sales', 'Home'), { kind: 'focus', id: 'top' });
  assert.deepEqual(treeStepOf(open, 'top', 'End'), { kind: 'focus', id: 'sales' });
  assert.equal(treeStepOf(open, 'top', 'Escape'), undefined);
  const closed = visibleLines(roots, new Set(['top']));
  assert.deepEqual(treeStepOf(closed, 'berlin', 'ArrowRight'), { kind: 'expand', id: 'berlin' });
});

test('typing a letter goes to the next group that begins with it, going round', () => {
  assert.equal(findByPrefix(open, 'sales2', 's')?.id, 'sales');
  assert.equal(findByPrefix(open, 'sales', 's')?.id, 'sales2');
  assert.equal(findByPrefix(open, 'sales', 'ne')?.id, 'new');
  assert.equal(findByPrefix(open, 'sales', 'x'), undefined);
});

test('a subtree holds the group and all below it', () => {
  assert.deepEqual([...subtreeIds(groups, 'berlin')], ['berlin', 'sales', 'sales2']);
});
