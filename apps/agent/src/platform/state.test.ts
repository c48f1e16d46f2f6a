import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createTemporaryFolder } from '../testing/temporary-folder.ts';
import { createPrivateFile, writePrivateFile } from './private-file.ts';
import { openStateDatabase, openStateDatabaseForReading } from './state-database.ts';
import { describeStateFolder, isStateFolderInUse, openStateFolder } from './state-folder.ts';
import { findRunningProcess, lockStateFolder } from './state-lock.ts';
import { stateSchema } from './state-schema.ts';
import { stateVersion } from '../state-version.ts';

test('a private file is for its owner alone, and replaced whole', (t) => {
  const folder = createTemporaryFolder(t);
  const path = join(folder, 'file');
  writePrivateFile(path, 'one');
  writePrivateFile(path, 'two');
  assert.equal(readFileSync(path, 'utf8'), 'two');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(folder), ['file']);
});

test('a private file that must be new never replaces another', (t) => {
  const folder = createTemporaryFolder(t);
  const path = join(folder, 'key');
  createPrivateFile(path, 'one');
  assert.throws(() => createPrivateFile(path, 'two'), { code: 'EEXIST' });
  assert.equal(readFileSync(path, 'utf8'), 'one');
  assert.deepEqual(readdirSync(folder), ['key']);
});

test('the state folder is made with its parents and closed to others, also when it was open', (t) => {
  const path = join(createTemporaryFolder(t), 'a', 'b');
  openStateFolder(path);
  assert.equal(statSync(path).mode & 0o777, 0o700);
  chmodSync(path, 0o755);
  openStateFolder(path);
  assert.equal(statSync(path).mode & 0o777, 0o700);
});

test('a file in the place of the state folder is refused', (t) => {
  const path = join(createTemporaryFolder(t), 'file');
  writeFileSync(path, '');
  assert.throws(() => openStateFolder(path), { code: 'STATE_FOLDER_UNUSABLE' });
});

test('looking at a folder that is not there makes nothing', (t) => {
  const parent = createTemporaryFolder(t);
  const folder = describeStateFolder(join(parent, 'none'));
  assert.equal(isStateFolderInUse(folder), false);
  assert.equal(openStateDatabaseForReading(folder.databasePath, stateVersion), undefined);
  assert.deepEqual(readdirSync(parent), []);
});

test('a folder is locked for one, and free after the release', (t) => {
  const folder = openStateFolder(createTemporaryFolder(t));
  assert.equal(findRunningProcess(folder), undefined);
  const lock = lockStateFolder(folder, '2026-11-22T00:00:00.000Z');
  assert.deepEqual(findRunningProcess(folder), {
    processId: process.pid,
    startedAt: '2026-11-22T00:00:00.000Z',
  });
  assert.throws(() => lockStateFolder(folder, ''), { code: 'AGENT_ALREADY_RUNNING' });
  lock.release();
  assert.equal(findRunningProcess(folder), undefined);
  lockStateFolder(folder, '').release();
});

test('a process file that a crash left behind locks nothing', (t) => {
  const folder = openStateFolder(createTemporaryFolder(t));
  writeFileSync(folder.processPath, '{"processId":1,"startedAt":"2020-01-01T00:00:00.000Z"}');
  assert.equal(findRunningProcess(folder), undefined);
  lockStateFolder(folder, '').release();
});

test('a lock file that is none of ours gives a clear error and stays', (t) => {
  const folder = openStateFolder(createTemporaryFolder(t));
  mkdirSync(folder.lockPath);
  assert.throws(() => lockStateFolder(folder, ''), { code: 'STATE_FOLDER_UNUSABLE' });
});

test('the database keeps what was committed, and nothing of what failed', (t) => {
  const path = join(createTemporaryFolder(t), 'state.sqlite');
  const database = openStateDatabase(path, stateVersion);
  const insert = () => database.connection.exec('INSERT INTO outbox_loss VALUES (1, 1, 1)');
  assert.throws(() =>
    database.transaction(() => {
      insert();
      throw new Error('no');
    }),
  );
  database.transaction(insert);
  database.close();
  const again = openStateDatabase(path, stateVersion);
  t.after(() => again.close());
  assert.equal(again.connection.prepare('SELECT count(*) AS n FROM outbox_loss').get()?.['n'], 1);
  assert.equal(again.connection.prepare('PRAGMA synchronous').get()?.['synchronous'], 2);
});

test('damage of any kind is told and left as it is', (t) => {
  const damages: readonly ((path: string) => void)[] = [
    (path) =>
      writeFileSync(path, 'this is no database, and longer than the head of one would have to be'.repeat(20)),
    (path) => truncateSync(path, 5_000),
    (path) => {
      const bytes = readFileSync(path);
      bytes.fill(0xff, 4_096, 12_288);
      writeFileSync(path, bytes);
    },
  ];
  for (const damage of damages) {
    const path = join(createTemporaryFolder(t), 'state.sqlite');
    openStateDatabase(path, stateVersion).close();
    damage(path);
    const before = readFileSync(path);
    assert.throws(() => openStateDatabase(path, stateVersion), { code: 'STATE_DAMAGED' });
    assert.deepEqual(readFileSync(path), before);
  }
});

test('a database of a newer agent is refused and left as it is', (t) => {
  const path = join(createTemporaryFolder(t), 'state.sqlite');
  const database = openStateDatabase(path, stateVersion);
  database.connection.exec(`PRAGMA user_version = ${stateSchema.length + 1}`);
  database.close();
  assert.throws(() => openStateDatabase(path, stateVersion), { code: 'STATE_FROM_NEWER_VERSION' });
  assert.throws(() => openStateDatabaseForReading(path, stateVersion), { code: 'STATE_FROM_NEWER_VERSION' });
});
