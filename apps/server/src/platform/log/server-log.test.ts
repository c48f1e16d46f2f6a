import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { formatLogLine } from './log-line.ts';
import { RotatingFile } from './rotating-file.ts';
import { openServerLog } from './server-log.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-log-'));
});
after(() => rm(folder, { recursive: true }));

test('the log keeps the newest lines within its bound', async () => {
  const file = path.join(folder, 'bounded.log');
  const log = new RotatingFile({ file, maxBytes: 1_000, maxOlderFiles: 2 });
  for (let number = 0; number < 500; number += 1) log.write(`line ${number}\n`);
  log.close();
  const names = (await readdir(folder)).filter((name) => name.startsWith('bounded')).sort();
  assert.deepEqual(names, ['bounded.log', 'bounded.log.1', 'bounded.log.2']);
  for (const name of names) assert.ok((await stat(path.join(folder, name))).size <= 1_000);
  assert.match(await readFile(file, 'utf8'), /line 499\n$/);
});

test('a line that cannot be written is counted and stops nobody', () => {
  const log = new RotatingFile({ file: '/dev/full' });
  log.write('lost\n');
  assert.equal(log.dropped, 1);
  log.close();
});

test('warnings reach the person who watches, and secrets reach neither file nor person', async () => {
  const warnings: string[] = [];
  const { log, close } = openServerLog({
    folder,
    level: 'info',
    writeWarning: (text) => warnings.push(text),
  });
  log.info({ headers: { authorization: 'Bearer hfk_one' }, password: 'two' }, 'quiet');
  log.warn({ request: { cookie: 'three' }, route: '/x' }, 'loud');
  close();
  assert.deepEqual(warnings, ['holdfast-server: warning: loud (route /x)\n']);
  const text = await readFile(path.join(folder, 'server.log'), 'utf8');
  assert.match(text, /quiet[\s\S]*loud/);
  assert.doesNotMatch(text, /hfk_one|two|three/);
  assert.equal((await stat(path.join(folder, 'server.log'))).mode & 0o777, 0o600);
});

test('a text from elsewhere cannot move the cursor of a terminal', () => {
  const shown = formatLogLine(
    JSON.stringify({ level: 50, msg: 'a\u001b[2J\nb\u202ec', err: { message: 'x\ry' } }),
  );
  assert.equal(shown, 'holdfast-server: error: a\uFFFD[2J b\uFFFDc: x y\n');
});
