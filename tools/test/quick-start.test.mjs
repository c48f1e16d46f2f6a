import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

const FILES = {
  '.runtime/programs/programs.json': '{ "apps/x/src/main.ts": "x.mjs" }',
  '.runtime/programs/x.mjs': "console.log('the bundle', process.argv.slice(2).join());",
  '.cache/programs/programs.json': '{ "apps/x/src/kill.test-process.ts": "kill.mjs" }',
  '.cache/programs/kill.mjs': "console.log('the bundle of a test');",
  'apps/x/src/main.ts': "const where: string = 'the source'; console.log(where);",
  'apps/x/src/kill.test-process.ts': "console.log('the source');",
  'apps/x/src/other.ts': "import './main.ts';",
};

let root = '';
before(() => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-quick-'));
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  mkdirSync(join(root, 'tools', 'test'), { recursive: true });
  const preload = fileURLToPath(new URL('quick-start.mjs', import.meta.url));
  cpSync(preload, join(root, 'tools', 'test', 'quick-start.mjs'));
});
after(() => rmSync(root, { recursive: true, force: true }));

function run(...args) {
  const preload = pathToFileURL(join(root, 'tools', 'test', 'quick-start.mjs')).href;
  return execFileSync(process.execPath, [`--import=${preload}`, ...args], {
    cwd: root,
    encoding: 'utf8',
  }).trim();
}

test('a process that begins with a bundled program runs the bundle, with its arguments', () => {
  assert.equal(run('apps/x/src/main.ts', '--one', 'two'), 'the bundle --one,two');
});

test('so does one that only tests start', () => {
  assert.equal(run('apps/x/src/kill.test-process.ts'), 'the bundle of a test');
});

test('any other process runs what it was told to, and what that imports', () => {
  assert.equal(run('apps/x/src/other.ts'), 'the source');
  assert.equal(run('--eval', "console.log('words')"), 'words');
});
