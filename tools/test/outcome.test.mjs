import assert from 'node:assert/strict';
import { test } from 'node:test';

import { addUp, closingLine, isGood, judgeFile } from './outcome.mjs';

test('nothing, or only skipped tests, is not a good run', () => {
  assert.equal(isGood(addUp([])), false);
  assert.equal(isGood({ passed: 0, failed: 0, skipped: 5 }), false);
  assert.equal(isGood({ passed: 1, failed: 0, skipped: 5 }), true);
});

test('the closing line adds up all files', () => {
  const outcomes = [
    { passed: 2, failed: 0, skipped: 1 },
    { passed: 3, failed: 1, skipped: 0 },
  ];
  assert.equal(closingLine(addUp(outcomes)), '5 passed, 1 failed, 1 skipped');
});

test('a file killed in the middle is failed even when every test so far passed', () => {
  const records = [
    { kind: 'began', id: 1, name: 'a' },
    { kind: 'result', outcome: 'passed' },
    { kind: 'ended', id: 1 },
    { kind: 'began', id: 2, name: 'b' },
  ];
  const outcome = judgeFile('a.test.ts', records, { code: null, signal: 'SIGKILL' });
  assert.deepEqual([outcome.passed, outcome.failed], [1, 1]);
  assert.match(outcome.failures[0].error, /SIGKILL.*Unfinished: b/);
});

test('a file killed after a failure tells of both', () => {
  const records = [
    { kind: 'failure', path: ['a'], error: 'a' },
    { kind: 'result', outcome: 'failed' },
  ];
  const outcome = judgeFile('a.test.ts', records, { code: null, signal: 'SIGKILL' });
  assert.deepEqual(
    outcome.failures.map(({ path }) => path),
    [['a'], ['the whole file']],
  );
});
