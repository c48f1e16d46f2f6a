import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planConnections } from './connection-budget.ts';
import { parseOpenFileLimit, readOpenFileLimit } from './open-file-limit.ts';

const wanted = { total: 20_000, perNetwork: 5_000, reserved: 3_000 };

test('connections take seventy parts of a hundred of the open files, and every share shrinks with them', () => {
  assert.deepEqual(planConnections(wanted, 1_024), { total: 716, perNetwork: 179, reserved: 107 });
  assert.deepEqual(planConnections(wanted, 65_536), wanted);
  assert.equal(planConnections(wanted, 1).total, 1);
});

test('the limit of open files is the soft one of this process, or the usual small one where nobody tells', async () => {
  const text = (soft: string) =>
    `Limit                     Soft Limit           Hard Limit           Units\nMax open files            ${soft}                 524288               files\n`;
  assert.equal(parseOpenFileLimit(text('1024')), 1_024);
  assert.equal(parseOpenFileLimit(text('20000')), 20_000);
  assert.equal(parseOpenFileLimit(text('unlimited')), Number.MAX_SAFE_INTEGER);
  assert.equal(parseOpenFileLimit('nothing'), 1_024);
  assert.equal(await readOpenFileLimit('/nowhere/limits'), 1_024);
});
