import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

import { here } from '../setup/place.mjs';
import { describeTestFiles, listTestFiles, neededReleases, selectTestFiles } from './selection.mjs';
import { describeMissing, requirements } from './system.mjs';
import { testEnvironment } from './test-process.mjs';

const FILES = ['packages/kernel/src/uuid.test.ts', 'apps/agent/src/main.test.ts', 'e2e/start.test.ts'];

test('this file is among the test files', () => {
  assert.ok(listTestFiles(here.root).includes('tools/test/selection.test.mjs'));
});

test('a filter is a part of a path, or a path from where the command was given', () => {
  const [kernel, agent] = FILES;
  assert.deepEqual(selectTestFiles('/clone', FILES, []), FILES);
  assert.deepEqual(selectTestFiles('/clone', FILES, ['kernel'], '/clone'), [kernel]);
  assert.deepEqual(selectTestFiles('/clone', FILES, ['./packages/kernel/'], '/clone'), [kernel]);
  assert.deepEqual(selectTestFiles('/clone', FILES, ['src/main.test.ts'], '/clone/apps/agent'), [agent]);
  assert.deepEqual(selectTestFiles('/clone', FILES, ['nothing'], '/clone'), []);
});

test('files that read or change their process as a whole do not share it, and neither do whole-system tests', () => {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-selection-'));
  try {
    const texts = {
      'packages/quiet.test.ts': "const home = process.env['HOME'] === '/root'; // process.exited",
      'packages/exit.test.ts': 'process.exitCode = 1;',
      'packages/signal.test.ts': "process.on('SIGTERM', () => {});",
      'packages/memory.test.ts': 'process.memoryUsage().heapUsed',
      'packages/variable.test.ts': "process.env['HOME'] = '/tmp';",
      'packages/removed.test.ts': 'delete process.env.HOME;',
      'packages/mocked.test.ts': "import { mock, test } from 'node:test';",
      'packages/global.test.ts': 'globalThis.fetch = undefined;',
      'e2e/quiet.test.ts': "import { FaultyNetwork } from './support/faulty-network.ts';",
      'e2e/server.test.ts': "import { startHoldfast } from './support/holdfast-process.ts';",
      'e2e/child.test.ts': "import { spawn } from 'node:child_process';",
    };
    for (const [path, text] of Object.entries(texts)) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    const described = describeTestFiles(root, Object.keys(texts));
    const isLinux = process.platform === 'linux';
    assert.deepEqual(
      described.filter(({ isShared }) => isShared).map(({ path }) => path),
      isLinux ? ['packages/quiet.test.ts'] : [],
    );
    assert.deepEqual(
      described.filter(({ isSystem }) => isSystem).map(({ path }) => path),
      ['e2e/server.test.ts', 'e2e/child.test.ts'],
    );
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

test('only what the selected tests need is built', () => {
  assert.deepEqual(neededReleases([FILES[0]]), []);
  assert.deepEqual(neededReleases([FILES[1]]), ['agent']);
  assert.deepEqual(neededReleases([FILES[2]]), ['console', 'agent', 'programs', 'test-programs']);
  assert.deepEqual(neededReleases(Array.from({ length: 10 }, () => FILES[0])), ['programs', 'test-programs']);
});

test('processes start from the bundles of a run that has made them, beside what the environment asks for', () => {
  const of = (env) => testEnvironment({ root: '/clone' }, '/tmp/x', { isBundled: true, env }).NODE_OPTIONS;
  assert.match(of({}), /^--import=file:\/\/\S+\/tools\/test\/quick-start\.mjs$/);
  assert.match(of({ NODE_OPTIONS: '--trace-warnings' }), /^--trace-warnings --import=\S+$/);
});

test('a test does not see the settings of a Holdfast that runs on this computer', () => {
  const env = testEnvironment({ root: '/clone' }, '/tmp/x', {
    env: {
      HOLDFAST_HOME: '/var/lib/holdfast',
      HOLDFAST_DATABASE_URL: 'postgres://real',
      HOLDFAST_TEST_CHROMIUM: '/opt/chromium',
      HOME: '/home/alice',
      NODE_TEST_CONTEXT: 'child-v8',
    },
  });
  assert.deepEqual(env, {
    HOLDFAST_TEST_CHROMIUM: '/opt/chromium',
    HOME: '/home/alice',
    TMPDIR: '/tmp/x',
    NODE_ENV: 'test',
    NODE_COMPILE_CACHE: join('/clone', '.cache', 'compiled'),
  });
});

test('what is missing is named with what it skips and how to get it', () => {
  const lines = describeMissing(
    requirements.map((_one, index) => (index === 0 ? undefined : '/usr/bin/x')),
  ).join('\n');
  assert.match(lines, /Chromium is missing: every test in a browser will be skipped/);
  assert.match(lines, /apt-get install chromium$/m);
  assert.doesNotMatch(lines, /iproute2/);
});
