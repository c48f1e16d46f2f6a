import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import { withLock } from './lock.mjs';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-lock-'));
  path = join(folder, 'setup.lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function deadProcess() {
  const child = spawn(process.execPath, ['--eval', '0'], { stdio: 'ignore' });
  await once(child, 'exit');
  return child.pid;
}

test('the lock names its holder and is gone afterwards, also when the work fails', async () => {
  await withLock(path, async () => {
    assert.equal(JSON.parse(readFileSync(path, 'utf8')).pid, process.pid);
  });
  assert.equal(existsSync(path), false);
  await assert.rejects(
    withLock(path, async () => {
      throw new Error('the work failed');
    }),
    /the work failed/,
  );
  assert.equal(existsSync(path), false);
});

test('two never work at once', async () => {
  let atWork = 0;
  let most = 0;
  const work = async () => {
    atWork += 1;
    most = Math.max(most, atWork);
    await new Promise((resolve) => setImmediate(resolve));
    atWork -= 1;
  };
  await Promise.all(Array.from({ length: 8 }, () => withLock(path, work, { pollMs: 1 })));
  assert.equal(most, 1);
});

test('the lock of a process that is gone is taken over', async () => {
  writeFileSync(path, JSON.stringify({ pid: await deadProcess(), host: hostname() }));
  assert.equal(await withLock(path, async () => 'done', { waitMs: 1000, pollMs: 1 }), 'done');
});

test('the lock of a process whose number was given to another is taken over', {
  skip: process.platform !== 'linux' && 'needs /proc',
}, async () => {
  writeFileSync(path, JSON.stringify({ pid: process.pid, start: '1', host: hostname() }));
  assert.equal(await withLock(path, async () => 'done', { waitMs: 1000, pollMs: 1 }), 'done');
});

test('many that see the same stale lock do not take it from each other', async () => {
  writeFileSync(path, JSON.stringify({ pid: await deadProcess(), host: hostname() }));
  let atWork = 0;
  let most = 0;
  const work = async () => {
    atWork += 1;
    most = Math.max(most, atWork);
    await new Promise((resolve) => setImmediate(resolve));
    atWork -= 1;
  };
  await Promise.all(Array.from({ length: 8 }, () => withLock(path, work, { pollMs: 1 })));
  assert.equal(most, 1);
});

test('a holder that lives is waited for, and told of, and not robbed', async () => {
  const holder = JSON.stringify({ pid: process.pid, host: hostname() });
  writeFileSync(path, holder);
  const told = [];
  const options = { waitMs: 30, pollMs: 5, onWait: (pid) => told.push(pid) };
  await assert.rejects(
    withLock(path, async () => assert.fail('robbed'), options),
    /does not finish/,
  );
  assert.deepEqual(told, [process.pid]);
  assert.equal(readFileSync(path, 'utf8'), holder);
});

test('a holder on another computer is judged by its silence', async () => {
  writeFileSync(path, JSON.stringify({ pid: 1, host: 'elsewhere' }));
  await assert.rejects(withLock(path, async () => {}, { waitMs: 10, pollMs: 2 }));
  const longAgo = new Date(Date.now() - 3_600_000);
  utimesSync(path, longAgo, longAgo);
  assert.equal(await withLock(path, async () => 'done', { waitMs: 1000, pollMs: 1 }), 'done');
});
