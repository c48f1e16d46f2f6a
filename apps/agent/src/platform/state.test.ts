import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { createTemporaryFolder } from './test-folder.ts';
import { createPrivateFile, writePrivateFile } from './private-file.ts';
import {
  openStateDatabase,
  openStateDatabaseForReading,
  openStateDatabaseOfOther,
} from './state-database.ts';
import type { StateMigration, StateVersion } from './state-migration.ts';
import { AgentStateError, keepIfThereIsRoom, toStateError } from './state.errors.ts';
import { describeStateFolder, isStateFolderInUse, openStateFolder } from './state-folder.ts';
import { createDiskReserve } from './disk-reserve.ts';
import { createReplaceableConnection } from './state-connection.ts';
import { awaitStateFolder, findRunningProcess, lockStateFolder } from './state-lock.ts';
import { fillDisk, freeDisk } from './test-full-disk.ts';
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
  // Each right of others alone: to read, to write and to enter, of a group and of everybody.
  for (const right of [0o040, 0o020, 0o010, 0o004, 0o002, 0o001]) {
    chmodSync(path, 0o700 | right);
    openStateFolder(path);
    assert.equal(statSync(path).mode & 0o777, 0o700, right.toString(8));
  }
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

test('whoever holds a folder briefly is waited for, and is no agent that runs; an agent is not waited for', async (t) => {
  const folder = openStateFolder(createTemporaryFolder(t));
  const { signal } = new AbortController();
  const brief = lockStateFolder(folder, '', { isBrief: true });
  assert.equal(findRunningProcess(folder), undefined);
  await assert.rejects(awaitStateFolder(folder, '', AbortSignal.abort()), { code: 'AGENT_ALREADY_RUNNING' });
  // As in the moment between taking it and saying who did.
  rmSync(folder.processPath);
  const waiting = awaitStateFolder(folder, '2026-11-22T00:00:00.000Z', signal);
  assert.throws(() => lockStateFolder(folder, ''), { code: 'AGENT_ALREADY_RUNNING' });
  brief.release();
  const lock = await waiting;
  assert.equal(findRunningProcess(folder)?.startedAt, '2026-11-22T00:00:00.000Z');
  const begun = performance.now();
  await assert.rejects(awaitStateFolder(folder, '', signal), { code: 'AGENT_ALREADY_RUNNING' });
  assert.ok(performance.now() - begun < 1_000, 'at once');
  lock.release();
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

test('a database of a newer agent that says nothing of its readers is refused and left as it is', (t) => {
  const path = join(createTemporaryFolder(t), 'state.sqlite');
  const database = openStateDatabase(path, stateVersion);
  database.connection.exec(`PRAGMA user_version = ${stateSchema.length + 1}`);
  database.close();
  assert.throws(() => openStateDatabase(path, stateVersion), { code: 'STATE_FROM_NEWER_VERSION' });
  assert.throws(() => openStateDatabaseForReading(path, stateVersion), { code: 'STATE_FROM_NEWER_VERSION' });
  assert.equal(openStateDatabaseOfOther(path, stateVersion), undefined);
});

const later = (name: string, oldestReader: string): StateMigration => ({
  name,
  oldestReader,
  statements: `CREATE TABLE ${name.replaceAll('-', '_')} (id INTEGER PRIMARY KEY) STRICT`,
});
const versionOf = (release: string, ...migrations: readonly StateMigration[]): StateVersion => ({
  release,
  migrations,
});
const readUserVersion = (path: string): unknown => {
  const connection = new DatabaseSync(path, { readOnly: true });
  try {
    return connection.prepare('PRAGMA user_version').get()?.['user_version'];
  } finally {
    connection.close();
  }
};

test('a change is made once, in its order, and the first release still takes the database', (t) => {
  const path = join(createTemporaryFolder(t), 'state.sqlite');
  const [one, two] = [later('one', '0.1.0'), later('two', '0.1.0')];
  openStateDatabase(path, versionOf('0.2.0', one)).close();
  openStateDatabase(path, versionOf('0.3.0', one, two)).close();
  openStateDatabase(path, versionOf('0.3.0', one, two)).close();
  assert.equal(readUserVersion(path), 4);
});

test('a change that fails leaves nothing of itself, and is made by the next start', (t) => {
  const path = join(createTemporaryFolder(t), 'state.sqlite');
  const broken = { ...later('one', '0.1.0'), statements: 'CREATE TABLE half (id INTEGER); SELECT nothing' };
  assert.throws(() => openStateDatabase(path, versionOf('0.2.0', broken)));
  const mended = { ...broken, statements: 'CREATE TABLE half (id INTEGER)' };
  openStateDatabase(path, versionOf('0.2.0', mended)).close();
});

test('what a newer agent changed is read by every release that it names, and refused by older ones with what is needed', (t) => {
  const path = join(createTemporaryFolder(t), 'state.sqlite');
  openStateDatabase(
    path,
    versionOf('0.4.0', later('a', '0.1.0'), later('b', '0.3.0'), later('c', '0.2.5')),
  ).close();
  const open = (release: string) => () => openStateDatabase(path, versionOf(release, later('a', '0.1.0')));
  for (const release of ['0.3.0', '0.3.1', '0.10.0', '1.0.0-rc.1']) open(release)().close();
  for (const release of ['0.2.9', '0.2.5', '0.1.0', 'unknown', '']) {
    assert.throws(open(release), (error) => {
      assert.ok(error instanceof AgentStateError);
      assert.equal(error.code, 'STATE_FROM_NEWER_VERSION');
      assert.match(error.remedy ?? '', /Install the agent 0\.3\.0 or a newer one\./u);
      return true;
    });
  }
  assert.equal(readUserVersion(path), 5, 'the first release looks at nothing else, and has to be kept out');
  assert.ok(openStateDatabaseForReading(path, versionOf('0.3.0'))?.connection.isOpen);
  assert.throws(() => openStateDatabaseForReading(path, versionOf('0.2.0')), {
    code: 'STATE_FROM_NEWER_VERSION',
  });
});

test('beside another agent something is added only where all tables are those that this one knows', (t) => {
  const path = join(createTemporaryFolder(t), 'state.sqlite');
  const [one, two] = [later('one', '0.1.0'), later('two', '0.3.0')];
  openStateDatabase(path, versionOf('0.2.0', one)).close();
  assert.equal(openStateDatabaseOfOther(path, versionOf('0.3.0', one, two)), undefined, 'it is older');
  openStateDatabaseOfOther(path, versionOf('0.2.0', one))?.close();
  openStateDatabase(path, versionOf('0.3.0', one, two)).close();
  assert.equal(openStateDatabaseOfOther(path, versionOf('0.2.0', one)), undefined, 'it is too new');
  const same = openStateDatabaseOfOther(path, versionOf('0.3.0', one, two));
  assert.ok(same?.connection.isOpen);
  same.close();
});

test('a full disk is told, what changes nothing still works, and with room all is as before', (t) => {
  const path = join(createTemporaryFolder(t), 'state.sqlite');
  const database = openStateDatabase(path, stateVersion);
  t.after(() => database.close());
  const write = (length: number) => () =>
    database.transaction(() =>
      database.connection
        .prepare("INSERT OR REPLACE INTO note (name, value) VALUES ('run', ?)")
        .run(JSON.stringify({ text: 'x'.repeat(length) })),
    );
  write(10)();
  assert.equal(database.room, 'enough');
  fillDisk(database);
  assert.throws(write(100_000), { code: 'STATE_DISK_FULL' });
  assert.equal(database.room, 'none');
  database.transaction(() => database.connection.prepare('SELECT count(*) FROM note').get());
  assert.equal(database.room, 'none', 'what writes nothing says nothing about the disk');
  database.lookForRoom();
  freeDisk(database);
  database.lookForRoom();
  assert.equal(database.room, 'enough');
  write(100_000)();
});

test('the reserve gives its room for what has to be written, and is made again', (t) => {
  const folder = createTemporaryFolder(t);
  const path = join(folder, 'agent.reserve');
  const reserve = createDiskReserve(path);
  assert.equal(reserve.release(), false);
  assert.equal(reserve.renew(), true);
  assert.equal(statSync(path).size, 262_144);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(reserve.renew(), true);
  assert.equal(reserve.release(), true);
  assert.equal(reserve.isThere, false);
  assert.equal(createDiskReserve(join(folder, 'none', 'agent.reserve')).renew(), false);
});

test('looking at the state of a stopped agent makes no file, not even a lock', (t) => {
  const folder = openStateFolder(createTemporaryFolder(t));
  openStateDatabase(folder.databasePath, stateVersion).close();
  const before = readdirSync(folder.path);
  assert.equal(findRunningProcess(folder), undefined);
  const database = openStateDatabaseForReading(folder.databasePath, stateVersion);
  assert.equal(database?.connection.prepare('SELECT count(*) AS n FROM note').get()?.['n'], 0);
  database?.close();
  assert.deepEqual(readdirSync(folder.path), before);
  assert.deepEqual(before, ['state.sqlite']);
});

test('statements go on with the connection that takes the place of theirs', (t) => {
  const folder = createTemporaryFolder(t);
  const create = (name: string): DatabaseSync => {
    const connection = new DatabaseSync(join(folder, name));
    connection.exec(`CREATE TABLE word (value TEXT); INSERT INTO word VALUES ('${name}')`);
    return connection;
  };
  const first = create('first');
  const connection = createReplaceableConnection(first);
  const words = connection.prepare('SELECT value FROM word');
  assert.equal(words.get()?.['value'], 'first');
  first.close();
  connection.replace(create('second'));
  t.after(() => connection.close());
  assert.equal(words.get()?.['value'], 'second');
  assert.deepEqual([...words.iterate()].length, 1);
});

test('what a full disk keeps from being written is a failure with a code, whatever the system calls it', () => {
  const full = Object.assign(new Error('no space'), { code: 'ENOSPC', path: '/x' });
  assert.throws(() => keepIfThereIsRoom(() => assert.fail('a fault')), /a fault/u);
  assert.equal(
    keepIfThereIsRoom(() => undefined),
    true,
  );
  assert.equal(
    keepIfThereIsRoom(() => {
      throw toStateError(full, '/x');
    }),
    false,
  );
  const other = new Error('other');
  assert.equal(toStateError(other, '/x'), other);
});
