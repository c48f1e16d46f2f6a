import assert from 'node:assert/strict';
import { test } from 'node:test';

import { here } from '../setup/place.mjs';
import { testEnvironment } from './file-run.mjs';
import { groupTestFiles, listTestFiles, neededReleases, selectTestFiles } from './selection.mjs';
import { describeMissing, requirements } from './system.mjs';

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

test('whole-system tests run last and one at a time', () => {
  const groups = groupTestFiles([FILES[2], FILES[0]]);
  assert.deepEqual(
    groups.map(({ files, isSerial }) => [files, isSerial]),
    [
      [[FILES[0]], false],
      [[FILES[2]], true],
    ],
  );
});

test('only what the selected tests need is built', () => {
  assert.deepEqual(neededReleases([FILES[0]]), []);
  assert.deepEqual(neededReleases([FILES[1]]), ['agent']);
  assert.deepEqual(neededReleases([FILES[2]]), ['console', 'agent']);
});

test('a test does not see the settings of a Holdfast that runs on this computer', () => {
  const env = testEnvironment('/tmp/x', {
    HOLDFAST_HOME: '/var/lib/holdfast',
    HOLDFAST_DATABASE_URL: 'postgres://real',
    HOLDFAST_TEST_CHROMIUM: '/opt/chromium',
    HOME: '/home/alice',
    NODE_TEST_CONTEXT: 'child-v8',
  });
  assert.deepEqual(env, {
    HOLDFAST_TEST_CHROMIUM: '/opt/chromium',
    HOME: '/home/alice',
    TMPDIR: '/tmp/x',
    NODE_ENV: 'test',
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
