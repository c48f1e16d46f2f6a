import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { here } from '../setup/place.mjs';
import { addUp, closingLine, isGood, judgeFile } from './outcome.mjs';
import { runGroups } from './run.mjs';

const FILES = {
  'good.test.mjs':
    "import { test } from 'node:test';\ntest('a', () => {});\ntest('b', { skip: 'no moon' }, () => {});\n",
  'bad.test.mjs':
    "import { describe, test } from 'node:test';\nimport assert from 'node:assert/strict';\ntest('a', () => {});\ndescribe('group', () => {\n  test('b', () => assert.equal(1, 2));\n});\n",
  'empty.test.mjs': 'export {};\n',
  'broken.test.mjs': "import './missing.mjs';\n",
  'early.test.mjs': "import { test } from 'node:test';\ntest('a', () => process.exit(0));\n",
  'hook.test.mjs':
    "import { after, describe, test } from 'node:test';\ndescribe('group', () => {\n  test('a', () => {});\n  after(() => { throw new Error('hook'); });\n});\n",
  'code.test.mjs':
    "import { test } from 'node:test';\ntest('a', () => {});\nprocess.on('exit', () => { process.exitCode = 3; });\n",
  'open.test.mjs': "import { test } from 'node:test';\ntest('a', () => {});\nsetInterval(() => {}, 1000);\n",
  'hang.test.mjs':
    "import { test } from 'node:test';\ntest('the one that hangs', () => new Promise(() => setInterval(() => {}, 1000)));\n",
  'child.test.mjs':
    "import { spawn } from 'node:child_process';\nimport { test } from 'node:test';\ntest('a', () => {\n  spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' }).unref();\n});\n",
};

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-runner-'));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
});
after(() => rmSync(folder, { recursive: true, force: true }));

async function run(files, limitSeconds = 60) {
  let printed = '';
  const out = { write: (text) => (printed += text) };
  const place = { ...here, root: folder };
  const total = await runGroups(place, [{ files, isSerial: true, limitSeconds }], { out });
  return { total, printed };
}

test('passed, failed and skipped tests are counted, and the closing line stands alone at the end', async () => {
  const { total, printed } = await run(['good.test.mjs', 'bad.test.mjs']);
  assert.deepEqual(total, { passed: 2, failed: 1, skipped: 1 });
  assert.equal(printed.trimEnd().split('\n').at(-1), '2 passed, 1 failed, 1 skipped');
  assert.match(printed, /1 × no moon/);
  assert.match(printed, /group › b/);
  assert.match(printed, /1 !== 2/);
  assert.equal(isGood(total), false);
});

for (const [file, expected] of [
  ['empty.test.mjs', /It ran no test/],
  ['broken.test.mjs', /missing\.mjs/],
  ['early.test.mjs', /ran no test|before its tests had finished/],
  ['hook.test.mjs', /hook/],
  ['code.test.mjs', /exit code 3 although no test failed/],
]) {
  test(`${file} counts as failed`, async () => {
    const { total, printed } = await run([file]);
    assert.ok(total.failed >= 1, printed);
    assert.equal(isGood(total), false);
    assert.match(printed, expected);
  });
}

test('a file that does not end is stopped, counted as failed, and what hangs is named', async () => {
  const { total, printed } = await run(['hang.test.mjs', 'open.test.mjs'], 2);
  assert.equal(total.failed, 2, printed);
  assert.match(printed, /Unfinished: the one that hangs/);
  assert.match(printed, /something is left open/);
});

test('a process that a test leaves behind is ended and told of', async () => {
  const { total, printed } = await run(['child.test.mjs']);
  assert.deepEqual(total, { passed: 1, failed: 0, skipped: 0 });
  assert.match(printed, /left processes behind/);
});

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
    { kind: 'result', isFailure: false },
    { kind: 'ended', id: 1 },
    { kind: 'began', id: 2, name: 'b' },
  ];
  const outcome = judgeFile('a.test.ts', records, { code: null, signal: 'SIGKILL' });
  assert.deepEqual([outcome.passed, outcome.failed], [1, 1]);
  assert.match(outcome.failures[0].error, /SIGKILL.*Unfinished: b/);
});
