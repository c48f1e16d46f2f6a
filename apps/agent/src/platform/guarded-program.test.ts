import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findGuardedProgram } from './guarded-program.ts';
import { createTemporaryFolder } from './test-folder.ts';

const skip = process.getuid === undefined ? 'this system has no modes' : false;

function setUp(t: TestContext) {
  const home = realpathSync(createTemporaryFolder(t));
  const folder = join(home, 'opt', 'bin');
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const program = join(folder, 'scan');
  writeFileSync(program, '', { mode: 0o755 });
  return { home, folder, program };
}

test('a program that only its owner and root can change is found by its real path', { skip }, (t) => {
  const { home, program } = setUp(t);
  assert.equal(findGuardedProgram(program), program);
  symlinkSync(program, join(home, 'link'));
  assert.equal(findGuardedProgram(join(home, 'link')), program);
});

test('a program that others could change or put another in the place of is not run', { skip }, (t) => {
  const { home, folder, program } = setUp(t);
  for (const [place, mode] of [
    [program, 0o777],
    [program, 0o775],
    [folder, 0o777],
    [folder, 0o775],
    [join(home, 'opt'), 0o777],
  ] as const) {
    chmodSync(place, mode);
    assert.equal(findGuardedProgram(program), undefined, `${place} ${mode.toString(8)}`);
    chmodSync(place, 0o755);
  }
  assert.equal(findGuardedProgram(program), program);
});

test('a link from a guarded folder to one that is not leads to no program', { skip }, (t) => {
  const { home, folder, program } = setUp(t);
  chmodSync(folder, 0o777);
  symlinkSync(program, join(home, 'link'));
  assert.equal(findGuardedProgram(join(home, 'link')), undefined);
});

test('the program of an ordinary account, as Homebrew leaves it, is not run by root', { skip }, (t) => {
  const { folder, program } = setUp(t);
  // Another account has it already where the test is not root.
  if (process.getuid?.() === 0) chownSync(folder, 501, 80);
  assert.equal(findGuardedProgram(program, 0), undefined);
});

test('what is no file, or not there, is no program', { skip }, (t) => {
  const { folder } = setUp(t);
  assert.equal(findGuardedProgram(folder), undefined);
  assert.equal(findGuardedProgram(join(folder, 'none')), undefined);
  assert.equal(findGuardedProgram(join(folder, 'scan', 'none')), undefined);
});
