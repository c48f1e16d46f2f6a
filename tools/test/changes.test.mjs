import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { here } from '../setup/place.mjs';
import { listChanges, selectChanged } from './changes.mjs';
import { listReferences, readReferences } from './references.mjs';
import { listTestFiles } from './selection.mjs';

const FILES = {
  'packages/kernel/package.json': '{ "name": "@holdfast/kernel", "exports": { ".": "./src/index.ts" } }',
  'packages/kernel/src/index.ts': "export { a } from './a.ts';",
  'packages/kernel/src/a.ts': 'export const a = 1;',
  'packages/kernel/src/a.test.ts': "import { a } from './a.ts';",
  'apps/server/migrations/0001_core.sql': 'create table a ();',
  'apps/server/src/main.ts': "import '@holdfast/kernel'; new URL('../migrations/', import.meta.url);",
  'apps/server/src/main.test.ts': "new URL('main.ts', import.meta.url);",
  'apps/server/src/rule.ts': 'export {};',
  'apps/server/src/rule.test.ts': "import './rule.ts';",
  'apps/agent/src/main.ts': 'export {};',
  'apps/agent/src/agent.test.ts': "spawn('../dist/agent.mjs');",
  'docs/agent.md': 'words',
  'docs/guide.test.ts': '',
  'e2e/start.test.ts': "const programs = ['../apps/server/src/main.ts', '../apps/agent/dist/agent.mjs'];",
  'README.md': 'words',
};
const TESTS = Object.keys(FILES).filter((path) => path.endsWith('.test.ts') && !path.startsWith('docs'));

let root = '';
const git = (...args) => execFileSync('git', ['-C', root, ...args], { encoding: 'utf8' });
const write = (path, text) => {
  mkdirSync(join(root, dirname(path)), { recursive: true });
  writeFileSync(join(root, path), text);
};

before(() => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-changes-'));
  for (const [path, text] of Object.entries(FILES)) write(path, text);
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'user.name', 'Test');
  git('config', 'user.email', 'test@example.org');
  git('add', '.');
  git('commit', '--quiet', '-m', 'first');
});
after(() => rmSync(root, { recursive: true, force: true }));

const select = (...changes) => selectChanged(changes, TESTS, readReferences(root));

test('a change runs the test files that reach it, through other files and the names of packages', () => {
  assert.deepEqual(select('apps/server/src/rule.ts'), ['apps/server/src/rule.test.ts']);
  assert.deepEqual(select('packages/kernel/src/a.ts'), [
    'packages/kernel/src/a.test.ts',
    'apps/server/src/main.test.ts',
    'e2e/start.test.ts',
  ]);
});

test('a test file that has changed runs, and nothing else', () => {
  assert.deepEqual(select('apps/server/src/rule.test.ts'), ['apps/server/src/rule.test.ts']);
});

test('what a file names as a folder, a program or a release of set-up counts as reached', () => {
  assert.deepEqual(select('apps/server/migrations/0002_new.sql'), [
    'apps/server/src/main.test.ts',
    'e2e/start.test.ts',
  ]);
  assert.deepEqual(select('apps/agent/src/main.ts'), ['apps/agent/src/agent.test.ts', 'e2e/start.test.ts']);
});

test('what no test reaches runs nothing', () => {
  assert.deepEqual(select('docs/agent.md', 'README.md', 'LICENSE', '.ci/run'), []);
});

for (const path of [
  'package-lock.json',
  'tsconfig.base.json',
  'apps/server/tsconfig.json',
  'packages/kernel/package.json',
  'tools/setup/runtime.json',
  'tools/test/run.mjs',
  'tools/test.mjs',
  '.npmrc',
]) {
  test(`a change of ${path} runs everything`, () => {
    assert.deepEqual(select(path), TESTS);
  });
}

test('references are read from imports, re-exports and templates, and "../" alone is none', () => {
  const entryPoints = new Map([['@holdfast/trust/certificates', 'packages/trust/src/certificates/index.ts']]);
  const text =
    "import a from './a.ts'; export * from \"../b.ts\"; await import('@holdfast/trust/certificates');\n" +
    "import 'node:fs'; import '@other/name'; new URL('../', import.meta.url); join(here, '..');\n" +
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a program
    'new URL(`../vectors/${name}.json`, import.meta.url)';
  assert.deepEqual(listReferences('apps/x/src/c.ts', text, entryPoints), [
    'apps/x/src/a.ts',
    'apps/x/b.ts',
    'apps/x/vectors/',
    'packages/trust/src/certificates/index.ts',
  ]);
});

test('changes are what differs from where the branch left main: committed, not committed, new and gone', async () => {
  git('checkout', '--quiet', '-b', 'work');
  write('apps/server/src/rule.ts', 'export const rule = 1;');
  git('commit', '--quiet', '-a', '-m', 'second');
  write('docs/agent.md', 'other words');
  write('apps/server/src/new.ts', 'export {};');
  rmSync(join(root, 'apps/agent/src/main.ts'));
  assert.deepEqual(
    new Set(await listChanges(root)),
    new Set(['apps/agent/src/main.ts', 'apps/server/src/new.ts', 'apps/server/src/rule.ts', 'docs/agent.md']),
  );
  assert.ok(!(await listChanges(root, 'HEAD')).includes('apps/server/src/rule.ts'));
  await assert.rejects(
    listChanges(root, 'no-such-commit'),
    /Git cannot say what has changed since no-such-commit/,
  );
});

test('in this clone the server reaches its migrations, and whole-system tests reach the programs that they start', () => {
  const tests = listTestFiles(here.root);
  const references = readReferences(here.root);
  const touched = (path) => selectChanged([path], tests, references);
  assert.ok(
    touched('apps/server/migrations/9999_new.sql').includes('apps/server/src/integration/app.routes.test.ts'),
  );
  for (const path of [
    'apps/server/src/app.ts',
    'apps/agent/src/app.ts',
    'apps/cli/src/main.ts',
    'apps/console/src/main.tsx',
  ])
    assert.ok(touched(path).includes('e2e/newcomer.test.ts'), path);
  assert.ok(!touched('packages/protocol/src/index.ts').includes('packages/kernel/src/uuid.test.ts'));
});
