import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Group } from '@holdfast/api';
import { CliError } from '../cli.errors.ts';
import { pickGroup, pickParent, splitGroupPath } from './lookup.ts';

function group(id: string, path: string[], parentId: string | null): Group {
  return {
    id,
    parentId,
    name: path.at(-1) ?? 'All devices',
    path,
    depth: path.length,
    revision: 1,
    deviceCount: 0,
    isFixed: false,
  };
}

const groups = [
  group('top', [], null),
  group('berlin', ['Berlin'], 'top'),
  group('berlin-sales', ['Berlin', 'Sales'], 'berlin'),
  group('paris', ['Paris'], 'top'),
  group('paris-sales', ['Paris', 'Sales'], 'paris'),
];

test('a group is found by path, by id, by its only name, and the top group by a slash', () => {
  assert.equal(pickGroup(groups, 'Berlin/Sales').id, 'berlin-sales');
  assert.equal(pickGroup(groups, '/Berlin/Sales/').id, 'berlin-sales');
  assert.equal(pickGroup(groups, 'paris').id, 'paris');
  assert.equal(pickGroup(groups, 'Paris').id, 'paris');
  assert.equal(pickGroup(groups, '/').id, 'top');
  const turkish = group('istanbul', ['İstanbul'], 'top');
  assert.equal(pickGroup([...groups, turkish], 'ISTANBUL').id, 'istanbul');
  assert.equal(pickGroup([...groups, turkish], 'I\u0307stanbul').id, 'istanbul');
});

test('a name that two groups share is refused, and so is one that none has', () => {
  assert.throws(
    () => pickGroup(groups, 'Sales'),
    (error) => error instanceof CliError && error.code === 'NAME_AMBIGUOUS',
  );
  assert.throws(
    () => pickGroup(groups, 'Rome'),
    (error) => error instanceof CliError && error.code === 'GROUP_UNKNOWN',
  );
});

test('a group to be created is told from where it is to lie', () => {
  assert.deepEqual(splitGroupPath('Berlin/Sales'), { parentPath: 'Berlin', name: 'Sales' });
  assert.deepEqual(splitGroupPath('/Berlin/'), { parentPath: '/', name: 'Berlin' });
});

test('where the group above is missing, the remedy is to create it first', () => {
  assert.equal(pickParent(groups, 'Berlin').id, 'berlin');
  const remedyFor = (remedy: string) => ({ code: 'GROUP_UNKNOWN', remedy });
  assert.throws(
    () => pickParent(groups, 'Oslo'),
    remedyFor('Create it first: `holdfast directory create-group Oslo`.'),
  );
  assert.throws(
    () => pickParent(groups, 'Oslo/Back office'),
    remedyFor("Create it first: `holdfast directory create-group 'Oslo/Back office'`."),
  );
});
