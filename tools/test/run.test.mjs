import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { here } from '../setup/place.mjs';
import { isGood } from './outcome.mjs';
import { runFiles } from './run.mjs';

const FILES = {
  'good.test.mjs':
    "import { test } from 'node:test';\ntest('a', () => {});\ntest('b', { skip: 'no moon' }, () => {});\n",
  'bad.test.mjs':
    "import { describe, test } from 'node:test';\nimport assert from 'node:assert/strict';\ntest('a', () => {});\ndescribe('group', () => {\n  test('b', () => assert.equal(1, 2));\n});\n",
  'skipped.test.mjs':
    "import { describe, test } from 'node:test';\ndescribe('group', { skip: 'no browser' }, () => {\n  test('a', () => {});\n});\n",
  'empty.test.mjs': 'export {};\n',
  'broken.test.mjs': "import './missing.mjs';\n",
  'early.test.mjs': "import { test } from 'node:test';\ntest('a', () => process.exit(0));\n",
  'hook.test.mjs':
    "import { after, describe, test } from 'node:test';\ndescribe('group', () => {\n  test('a', () => {});\n  after(() => { throw new Error('hook'); });\n});\n",
  'top-hook.test.mjs':
    "import { after, test } from 'node:test';\ntest('a', () => {});\nafter(() => { throw new Error('hook'); });\n",
  'code.test.mjs': "import { test } from 'node:test';\ntest('a', () => {});\nprocess.exitCode = 3;\n",
  'late-code.test.mjs':
    "import { test } from 'node:test';\ntest('a', () => {});\nprocess.on('exit', () => { process.exitCode = 3; });\n",
  'afterwards.test.mjs':
    "import { test } from 'node:test';\ntest('a', () => { setTimeout(() => { throw new Error('afterwards'); }, 50); });\n",
  'open.test.mjs': "import { test } from 'node:test';\ntest('a', () => {});\nsetInterval(() => {}, 1000);\n",
  'hang.test.mjs':
    "import { test } from 'node:test';\ntest('the one that hangs', () => new Promise(() => setInterval(() => {}, 1000)));\n",
  'child.test.mjs':
    "import { spawn } from 'node:child_process';\nimport { test } from 'node:test';\ntest('a', () => {\n  spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' }).unref();\n});\n",
  'busy.test.mjs':
    "import { spawnSync } from 'node:child_process';\nimport { test } from 'node:test';\nconst burn = 'while (process.cpuUsage().user < 400_000);';\ntest('a', () => { eval(burn); });\ntest('b', () => { spawnSync(process.execPath, ['--eval', burn]); });\n",
  'spoken.test.mjs':
    "import { beforeEach, test } from 'node:test';\nbeforeEach(() => { console.log('hook of the first'); });\ntest('a', () => {});\n",
  'spoken-bad.test.mjs':
    "import { test } from 'node:test';\ntest('b', () => { throw new Error('on purpose'); });\n",
};
for (const name of ['first', 'second', 'third']) {
  FILES[`${name}.test.mjs`] =
    `import { appendFileSync } from 'node:fs';\nimport { test } from 'node:test';\ntest('a', () => appendFileSync(new URL('pids', import.meta.url), \`\${process.pid}\\n\`));\n`;
}

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-runner-'));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
});
after(() => rmSync(folder, { recursive: true, force: true }));

async function run(paths, { isShared = false, limitSeconds = 60, ...options } = {}) {
  let printed = '';
  const out = { write: (text) => (printed += text) };
  const files = paths.map((path) => ({ path, size: 0, isSystem: false, isShared, limitSeconds }));
  const { total, outcomes } = await runFiles({ ...here, root: folder }, files, { out, jobs: 1, ...options });
  return { total, outcomes, printed };
}

function readPids() {
  const pids = readFileSync(join(folder, 'pids'), 'utf8').trim().split('\n');
  rmSync(join(folder, 'pids'));
  return pids;
}

for (const isShared of [false, true]) {
  describe(isShared ? 'files that share a process' : 'files with a process each', () => {
    test('passed, failed and skipped tests are counted, and the closing line stands alone at the end', async () => {
      const { total, printed } = await run(['good.test.mjs', 'bad.test.mjs'], { isShared });
      assert.deepEqual(total, { passed: 2, failed: 1, skipped: 1 });
      assert.equal(printed.trimEnd().split('\n').at(-1), '2 passed, 1 failed, 1 skipped');
      assert.match(printed, /1 × no moon/);
      assert.match(printed, /group › b/);
      assert.match(printed, /1 !== 2/);
      assert.equal(isGood(total), false);
    });

    test('a file that does not come to a good end counts as failed, says why, and takes no other with it', async () => {
      const expected = {
        'empty.test.mjs': /It ran no test/,
        'broken.test.mjs': /missing\.mjs/,
        'early.test.mjs': /before its tests had finished/,
        'hook.test.mjs': /hook/,
        'top-hook.test.mjs': /hook/,
        'code.test.mjs': /exit code 3 although no test failed/,
        'afterwards.test.mjs': /exit code 1 although no test failed/,
      };
      const { outcomes } = await run([...Object.keys(expected), 'good.test.mjs'], { isShared });
      for (const [file, reason] of Object.entries(expected)) {
        const { failed, failures } = outcomes.find((outcome) => outcome.file === file);
        assert.equal(failed, 1, file);
        assert.match(failures.map(({ error }) => error).join('\n'), reason, file);
      }
      assert.equal(outcomes.at(-1).failed, 0);
    });

    test('an exit code that is set at the very end is told of', async () => {
      const { total, printed } = await run(['late-code.test.mjs'], { isShared });
      assert.deepEqual(total, { passed: 1, failed: 1, skipped: 0 });
      assert.match(printed, /late-code\.test\.mjs[^]*exit code 3 although no test failed/);
    });

    test('a file that does not end is stopped, counted as failed, and what hangs is named', async () => {
      const files = ['hang.test.mjs', 'open.test.mjs', 'good.test.mjs'];
      const { total, printed } = await run(files, { isShared, limitSeconds: 2 });
      assert.deepEqual(total, { passed: 2, failed: 2, skipped: 1 }, printed);
      assert.match(printed, /Unfinished: the one that hangs/);
      assert.match(printed, /something is left open/);
    });

    test('a process that a test leaves behind is ended and told of', async () => {
      const { outcomes } = await run(['child.test.mjs', 'good.test.mjs'], { isShared });
      assert.deepEqual(
        outcomes.map(({ file, failed, hasLeftovers }) => [file, failed, hasLeftovers]),
        [
          ['child.test.mjs', 0, true],
          ['good.test.mjs', 0, false],
        ],
      );
    });

    test('the work of a file is counted, with that of the processes that it starts, and of no other file', async () => {
      const { outcomes } = await run(['busy.test.mjs', 'good.test.mjs'], { isShared });
      const [busy, good] = outcomes.map(({ workedMs }) => workedMs);
      assert.ok(busy >= 700, `${busy} ms`);
      assert.ok(good < 400, `${good} ms`);
    });

    test('only the tests whose names match run', async () => {
      const { total } = await run(['bad.test.mjs'], { isShared, namePattern: '^a$' });
      assert.deepEqual(total, { passed: 1, failed: 0, skipped: 0 });
    });
  });
}

test('a suite that is skipped as a whole counts as skipped, and says why', async () => {
  const { total, printed } = await run(['skipped.test.mjs']);
  assert.deepEqual(total, { passed: 0, failed: 0, skipped: 1 });
  assert.match(printed, /1 × no browser/);
});

test('files share a process until one fails in it, and that one tells what ran before it', async () => {
  const { printed } = await run(['first.test.mjs', 'second.test.mjs', 'bad.test.mjs', 'third.test.mjs'], {
    isShared: true,
  });
  const [first, second, third] = readPids();
  assert.equal(first, second);
  assert.notEqual(second, third);
  assert.match(printed, /had run before it:\n +first\.test\.mjs\n +second\.test\.mjs\n/);
});

test('files that do not share have a process each', async () => {
  await run(['first.test.mjs', 'second.test.mjs']);
  const [first, second] = readPids();
  assert.notEqual(first, second);
});

test('hooks and words of one file do not reach the next in its process', async () => {
  const { printed } = await run(['spoken.test.mjs', 'spoken-bad.test.mjs'], { isShared: true });
  assert.match(printed, /on purpose/);
  assert.doesNotMatch(printed, /hook of the first/);
});

test('the longest files run first, and the slowest are listed before the closing line', async () => {
  const durations = new Map([
    ['first.test.mjs', 10],
    ['second.test.mjs', 2000],
  ]);
  const { outcomes, printed } = await run(['first.test.mjs', 'second.test.mjs', 'third.test.mjs'], {
    durations,
  });
  rmSync(join(folder, 'pids'));
  assert.deepEqual(
    outcomes.map(({ file }) => file),
    ['third.test.mjs', 'second.test.mjs', 'first.test.mjs'],
  );
  assert.match(
    printed,
    /\nThe slowest files, [^\n]+\n(?: +[\d.]+ s +[\d.]+ s {2}\w+\.test\.mjs\n){3}\nWork of all files[^\n]+\n\n3 passed, 0 failed, 0 skipped\n$/,
  );
});
