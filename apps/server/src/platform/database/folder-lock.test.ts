import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { hasCode } from '@holdfast/kernel';
import { acquireFolderLock } from './folder-lock.ts';
import { findProcess, isProcessAlive } from './process-identity.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-lock-'));
  file = path.join(folder, 'database.lock');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('of many that try at once exactly one gets the lock', async () => {
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => acquireFolderLock(file)));
  assert.equal(results.filter((result) => result.status === 'fulfilled').length, 1);
  assert.deepEqual(await readdir(folder), ['database.lock']);
});

test('a released lock can be taken again', async () => {
  await (await acquireFolderLock(file)).release();
  await (await acquireFolderLock(file)).release();
  assert.deepEqual(await readdir(folder), []);
});

test('the lock of a living process is refused and names it', async () => {
  const child = spawn('sleep', ['60']);
  try {
    const holder = await findProcess(Number(child.pid));
    await writeFile(file, JSON.stringify(holder));
    await assert.rejects(acquireFolderLock(file), (error: Error) => {
      assert.ok(hasCode(error, 'DATABASE_FOLDER_IN_USE'));
      assert.match(error.message, new RegExp(`\\b${child.pid}\\b`));
      return true;
    });
  } finally {
    child.kill('SIGKILL');
  }
});

for (const [name, content] of [
  ['of a process that is gone', JSON.stringify({ pid: 4_194_305, startTicks: '1', bootId: '' })],
  [
    'from before the computer was restarted',
    JSON.stringify({ pid: process.pid, startTicks: '1', bootId: 'other' }),
  ],
  ['that a power loss emptied', ''],
  ['that is not one', '{"pid":"many"}'],
] as const) {
  test(`a lock ${name} is taken over`, async () => {
    await writeFile(file, content);
    await (await acquireFolderLock(file)).release();
  });
}

test('a process that was ended but not reaped yet counts as gone', async () => {
  const child = spawn('sleep', ['60']);
  const identity = await findProcess(Number(child.pid));
  assert.ok(identity !== undefined);
  assert.equal(await isProcessAlive(identity), true);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
  assert.equal(await isProcessAlive(identity), false);
});
