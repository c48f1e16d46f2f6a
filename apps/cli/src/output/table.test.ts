import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFacts, formatTable } from './table.ts';

test('columns are as wide as their widest cell, and numbers stand right', () => {
  const text = formatTable(
    [
      { title: 'name', value: (row: { name: string; count: number }) => row.name },
      { title: 'n', value: (row) => String(row.count), alignment: 'right' },
    ],
    [
      { name: 'laptop-1', count: 5 },
      { name: 'pc', count: 120 },
    ],
  );
  assert.equal(text, 'NAME        N\nlaptop-1    5\npc        120\n');
});

test('a host name cannot send escape sequences to the terminal', () => {
  const hostile = 'x\u001b]0;owned\u0007\u202e';
  const text = formatTable([{ title: 'name', value: (row: string) => row }], [hostile]);
  assert.ok(!/[\u001b\u0007\u202e]/u.test(text));
  assert.ok(!formatFacts([['Name', hostile]]).includes('\u001b'));
});

test('facts that are absent leave no line', () => {
  assert.equal(
    formatFacts([
      ['Name', 'pc'],
      ['Kernel', undefined],
      ['Model', ''],
    ]),
    'Name  pc\n',
  );
});
