import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GroupSayings, inherit } from './inheritance.ts';

interface Values {
  readonly interval: number;
  readonly way: string;
  /** False is something that one can say. */
  readonly isQuiet: boolean;
}

const fallback: Values = { interval: 20, way: 'automatic', isQuiet: true };

type Row = readonly [path: string, own: Partial<Values>, locked?: (keyof Values)[]];

function sayings(...rows: Row[]) {
  return new Map(
    rows.map(([path, own, locked = []]): [string, GroupSayings<Values>] => {
      const ids = path.split('/');
      const groupId = ids.at(-1) ?? '';
      return [groupId, { groupId, groupName: groupId, path: ids, revision: 1, own, locked }];
    }),
  );
}

test('where nobody says anything the fallback holds, and comes from nowhere', () => {
  const { effective, origins, locks } = inherit(['top', 'berlin'], new Map(), fallback);
  assert.deepEqual(effective, fallback);
  assert.deepEqual(origins, { interval: undefined, way: undefined, isQuiet: undefined });
  assert.deepEqual(locks, origins);
});

test('of each field the nearest group counts, whatever else it leaves open', () => {
  const said = sayings(
    ['top', { interval: 30, way: 'one', isQuiet: false }],
    ['top/berlin', { interval: 10 }],
    ['top/berlin/lab', { way: 'two' }],
    ['top/paris', { interval: 5 }],
  );
  const { effective, origins } = inherit(['top', 'berlin', 'lab', 'desk'], said, fallback);
  assert.deepEqual(effective, { interval: 10, way: 'two', isQuiet: false });
  assert.deepEqual(
    [origins.interval?.groupId, origins.way?.groupId, origins.isQuiet?.groupId],
    ['berlin', 'lab', 'top'],
  );
});

test('a lock holds for the group itself and all below, and the topmost one counts', () => {
  const said = sayings(
    ['top', { interval: 30 }],
    ['top/berlin', { interval: 10 }, ['interval']],
    ['top/berlin/lab', { interval: 7, way: 'two' }, ['interval']],
    ['top/berlin/lab/desk', { interval: 3 }],
  );
  const at = (...path: string[]) => inherit(path, said, fallback);
  assert.equal(at('top').effective.interval, 30);
  for (const path of [
    ['top', 'berlin'],
    ['top', 'berlin', 'lab'],
    ['top', 'berlin', 'lab', 'desk', 'shelf'],
  ]) {
    const { effective, origins, locks } = at(...path);
    assert.equal(effective.interval, 10);
    assert.equal(origins.interval?.groupId, 'berlin');
    assert.equal(locks.interval?.groupId, 'berlin');
    assert.equal(locks.way, undefined);
  }
  assert.equal(at('top', 'berlin', 'lab').effective.way, 'two');
});

test('a saying that a lock overrode counts again when the lock goes', () => {
  const below: Row = ['top/berlin', { interval: 10 }];
  const at = (top: Row) => inherit(['top', 'berlin'], sayings(top, below), fallback).effective.interval;
  assert.equal(at(['top', { interval: 30 }, ['interval']]), 30);
  assert.equal(at(['top', { interval: 30 }]), 10);
});

test('a lock on something that the group does not say is without effect', () => {
  const said = sayings(['top', {}, ['interval']], ['top/berlin', { interval: 10 }]);
  const { effective, locks } = inherit(['top', 'berlin'], said, fallback);
  assert.deepEqual([effective.interval, locks.interval], [10, undefined]);
});
