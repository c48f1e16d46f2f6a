import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { hasCode } from '@holdfast/kernel';
import { pino } from 'pino';
import { wrapFileError } from './home.errors.ts';
import { closeKeysFolder, lockHome, makeHome } from './home.ts';
import { findPortHolder } from './port-holder.ts';
import { readPrivateFile, writePrivateFile } from './private-file.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-home-'));
});
after(() => rm(folder, { recursive: true }));

async function assertRefused(work: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(work, (error) => hasCode(error, code) || assert.fail(String(error)));
}

test('every folder of the home is closed to other users', async () => {
  const layout = await makeHome(path.join(folder, 'a', 'b', 'home'));
  for (const inner of [layout.keys, layout.run, layout.backups, layout.log]) {
    assert.equal((await stat(inner)).mode & 0o777, 0o700);
  }
  const expected = process.getuid?.() === 0 ? 0o711 : 0o700;
  assert.equal((await stat(layout.folder)).mode & 0o777, expected);
  await makeHome(layout.folder);
});

test('a home that is a file, or where nothing can be made, is refused with the reason', async () => {
  const file = path.join(folder, 'file');
  await writeFile(file, 'x');
  await assertRefused(makeHome(file), 'HOME_NOT_A_FOLDER');
  await assertRefused(makeHome(path.join(file, 'below')), 'HOME_NOT_A_FOLDER');
  await assertRefused(makeHome('/proc/holdfast'), 'HOME_NOT_WRITABLE');
});

test('a home is for one server at a time', async () => {
  const layout = await makeHome(path.join(folder, 'locked'));
  const lock = await lockHome(layout);
  await assert.rejects(lockHome(layout), (error: Error) =>
    hasCode(error, 'HOME_IN_USE') && error.message.includes(`process ${process.pid}`)
      ? true
      : assert.fail(error.message),
  );
  await lock.release();
  await (await lockHome(layout)).release();
});

test('a keys folder that others could enter is closed, and people are told', async () => {
  const lines: string[] = [];
  const layout = await makeHome(path.join(folder, 'open'));
  await chmod(layout.keys, 0o755);
  await closeKeysFolder(layout, pino({ level: 'warn' }, { write: (line) => void lines.push(line) }));
  assert.equal((await stat(layout.keys)).mode & 0o777, 0o700);
  assert.match(lines.join(''), /open to other users/);
});

/** Each right of others alone: to read, to write and to enter, of a group and of everybody. */
const RIGHTS_OF_OTHERS = [0o040, 0o020, 0o010, 0o004, 0o002, 0o001];

test('whatever single right others had on the keys is taken from them, and people are told each time', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line) => void lines.push(line) });
  const layout = await makeHome(path.join(folder, 'rights'));
  const file = path.join(layout.keys, 'some.key');
  await writePrivateFile(file, 'secret');
  for (const [index, right] of RIGHTS_OF_OTHERS.entries()) {
    await chmod(layout.keys, 0o700 | right);
    await closeKeysFolder(layout, log);
    assert.equal((await stat(layout.keys)).mode & 0o777, 0o700, right.toString(8));
    assert.equal(lines.length, index + 1, right.toString(8));
    await chmod(file, 0o600 | right);
    const told: number[] = [];
    assert.equal(await readPrivateFile(file, (mode) => told.push(mode)), 'secret');
    assert.deepEqual(told, [0o600 | right]);
    assert.equal((await stat(file)).mode & 0o777, 0o600, right.toString(8));
  }
  await closeKeysFolder(layout, log);
  await readPrivateFile(file, () => assert.fail('it was closed'));
  assert.equal(lines.length, RIGHTS_OF_OTHERS.length);
});

test('a full disk says so, with what to do', { skip: process.platform !== 'linux' }, async () => {
  const error = await writeFile('/dev/full', 'x').then(
    () => assert.fail('the full device took a byte'),
    (cause: unknown) => wrapFileError(cause, '/dev/full'),
  );
  assert.ok(hasCode(error, 'HOME_DISK_FULL'));
});

test('a private file is whole, old or new, and closed to everybody else', async () => {
  await assertRefused(writePrivateFile('/dev/full/x', 'y'), 'HOME_NOT_A_FOLDER');
  const file = path.join(folder, 'kept');
  await writePrivateFile(file, 'first');
  await writePrivateFile(file, 'second');
  assert.equal(await readFile(file, 'utf8'), 'second');
  assert.equal((await stat(file)).mode & 0o777, 0o600);
});

test('the holder of a port is named', { skip: process.platform !== 'linux' }, async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const mine = new RegExp(`^node\\b.* \\(process ${process.pid}\\)$`);
  assert.match((await findPortHolder((server.address() as AddressInfo).port, 'tcp')) ?? '', mine);
  assert.match((await findPortHolder(socket.address().port, 'udp')) ?? '', mine);
  const { port } = server.address() as AddressInfo;
  server.close();
  socket.close();
  await once(server, 'close');
  assert.equal(await findPortHolder(port, 'tcp'), undefined);
});
