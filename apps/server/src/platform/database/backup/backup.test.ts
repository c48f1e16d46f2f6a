import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { hasCode } from '@holdfast/kernel';
import { sql } from 'kysely';
import { createDatabase } from '../database.ts';
import { startEmbeddedDatabase } from '../embedded-database.ts';
import { migrateDatabase } from '../migrate.ts';
import { parseMigrationFile } from '../migration-file.ts';
import { createTestDatabase, type TestDatabase } from '../test-database.ts';
import { closeBarrier } from '../test-barrier.ts';
import { type BackupWorld, createBackupWorld, dump, fill, passphrase, silent } from './test-backup-world.ts';
import { createBackup } from './create-backup.ts';
import { restoreBackup } from './restore-backup.ts';
import { verifyBackup } from './verify-backup.ts';

let world: BackupWorld;
let folder: string;
let database: TestDatabase;
let options: BackupWorld['options'];
let restoreInto: BackupWorld['restoreInto'];
before(async () => {
  world = await createBackupWorld();
  ({ folder, database, options, restoreInto } = world);
});
after(() => world.close());

for (const secret of [undefined, passphrase]) {
  const kind = secret === undefined ? 'plain' : 'encrypted';
  test(`what comes back from a backup (${kind}) is what went in`, async () => {
    const name = `round-trip-${kind}.hfbackup`;
    const created = await createBackup(options(name, { passphrase: secret }));
    assert.equal(created.isEncrypted, secret !== undefined);
    assert.equal((await stat(created.file)).mode & 0o777, 0o600);
    await using target = await createTestDatabase({ isEmpty: true });
    const home = path.join(folder, `home-${kind}`);
    await restoreInto(name, target, home, secret);
    assert.deepEqual(await dump(target), await dump(database));
    assert.deepEqual((await readdir(path.join(home, 'keys'))).sort(), ['ca.crt', 'empty.key', 'master.key']);
    assert.equal(await readFile(path.join(home, 'keys/master.key'), 'utf8'), 'the master key\n');
    assert.equal((await stat(path.join(home, 'keys/master.key'))).mode & 0o777, 0o600);
    assert.equal((await stat(path.join(home, 'keys/ca.crt'))).mode & 0o777, 0o644);
    // With its key alone the agent of this computer comes back to its record; the rest is of the old installation.
    assert.deepEqual(await readdir(path.join(home, 'agent')), ['agent.key']);
    assert.equal(await readFile(path.join(home, 'agent/agent.key'), 'utf8'), 'the key of the agent\n');
    assert.equal((await stat(path.join(home, 'agent/agent.key'))).mode & 0o777, 0o600);
    assert.equal((await stat(path.join(home, 'agent'))).mode & 0o777, 0o700);
    // The restored database is at work at once: its structure is known, its triggers and sequences live.
    assert.deepEqual((await migrateDatabase({ connection: target.connection })).applied, []);
    await assert.rejects(sql`delete from audit_entry`.execute(target.db));
    await fill(target, 1).catch(() => {});
    const newest = await target.db
      .selectFrom('audit_entry')
      .select('seq')
      .orderBy('seq', 'desc')
      .executeTakeFirstOrThrow();
    assert.ok(newest.seq > 300);
  });
}

test('an encrypted backup shows nothing of its content, a plain one does once it is unpacked', async () => {
  const created = await createBackup(options('secret.hfbackup', { passphrase }));
  const bytes = await readFile(created.file);
  for (const text of ['master key', 'audit_entry', 'server.started'])
    assert.equal(bytes.includes(text), false);
});

test('rows that are written meanwhile are in it with all of their transaction, or not at all', async () => {
  await using busy = await createTestDatabase();
  await sql`create table pair_left (id integer primary key); create table pair_right (id integer primary key)`.execute(
    busy.db,
  );
  let isRunning = true;
  let written = 0;
  const writing = (async () => {
    while (isRunning) {
      written += 1;
      await sql`with l as (insert into pair_left values (${written})) insert into pair_right values (${written})`.execute(
        busy.db,
      );
    }
  })();
  await fill(busy);
  const before = written;
  const created = await createBackup(options('busy.hfbackup', { connection: busy.connection }));
  isRunning = false;
  await writing;
  const { rows } = await verifyBackup({ file: created.file });
  assert.equal(rows.get('pair_left'), rows.get('pair_right'));
  assert.ok((rows.get('pair_left') ?? 0) >= before);
});

test('a restored home starts as a server database of its own', async () => {
  const created = await createBackup(options('home.hfbackup', { passphrase }));
  const home = path.join(folder, 'whole-home');
  const verified = await restoreBackup({
    file: created.file,
    home,
    log: silent,
    readPassphrase: () => passphrase,
  });
  assert.equal(verified.rows.get('audit_entry'), 300);
  const embedded = await startEmbeddedDatabase({ home, log: silent });
  const restored = createDatabase({ connection: embedded.connection });
  try {
    assert.deepEqual(await dump(restored), await dump(database));
    assert.deepEqual((await migrateDatabase({ connection: embedded.connection })).applied, []);
  } finally {
    await restored.close();
    await embedded.stop();
  }
  await assert.rejects(
    restoreBackup({ file: created.file, home, log: silent, readPassphrase: () => passphrase }),
    (error) => hasCode(error, 'RESTORE_TARGET_NOT_EMPTY'),
  );
});

test('an older backup is brought to the structure of its time, and the later migrations follow', async () => {
  await using old = await createTestDatabase({ isEmpty: true });
  const first = parseMigrationFile(
    '0001_a.sql',
    'create table a (id integer primary key); insert into a values (1);',
  );
  const index = parseMigrationFile(
    '0002_b.sql',
    '-- no transaction\ncreate index concurrently a_idx on a (id);',
  );
  const later = parseMigrationFile(
    '0003_c.sql',
    'alter table a add column note text not null default $$new$$;',
  );
  await migrateDatabase({ connection: old.connection, files: [first, index] });
  await sql`delete from a; insert into a values (2), (3)`.execute(old.db);
  const { file } = await createBackup(options('old.hfbackup', { connection: old.connection }));
  await using target = await createTestDatabase({ isEmpty: true });
  const home = path.join(folder, 'old');
  await restoreBackup({
    file,
    home,
    connection: target.connection,
    log: silent,
    files: [first, index, later],
  });
  const outcome = await migrateDatabase({ connection: target.connection, files: [first, index, later] });
  assert.deepEqual(outcome.applied, ['0003_c.sql']);
  const { rows } = await sql`select id, note from a order by id`.execute(target.db);
  assert.deepEqual(rows, [
    { id: 2, note: 'new' },
    { id: 3, note: 'new' },
  ]);
});

describe('making a backup', () => {
  test('never replaces a file, and leaves nothing beside it', async () => {
    const file = path.join(folder, 'taken.hfbackup');
    await writeFile(file, 'an older backup');
    await assert.rejects(createBackup(options('taken.hfbackup')), (error) =>
      hasCode(error, 'BACKUP_TARGET_EXISTS'),
    );
    assert.equal(await readFile(file, 'utf8'), 'an older backup');
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.includes('.partial')),
      [],
    );
  });

  test('that is given up leaves nothing', async () => {
    const abort = new AbortController();
    const created = createBackup(
      options('given-up.hfbackup', { signal: abort.signal, onProgress: () => abort.abort() }),
    );
    await assert.rejects(created, (error: Error) => error.name === 'AbortError');
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.startsWith('given-up')),
      [],
    );
  });

  test('of an empty database, with a short passphrase, or of a strange keys folder is refused', async () => {
    await using empty = await createTestDatabase({ isEmpty: true });
    await assert.rejects(createBackup(options('e1', { connection: empty.connection })), (error) =>
      hasCode(error, 'BACKUP_DATABASE_EMPTY'),
    );
    await assert.rejects(createBackup(options('e2', { passphrase: 'short' })), (error) =>
      hasCode(error, 'BACKUP_PASSPHRASE_TOO_SHORT'),
    );
    const strange = path.join(folder, 'strange-home');
    await mkdir(path.join(strange, 'keys/sub'), { recursive: true });
    await assert.rejects(createBackup(options('e3', { home: strange })), (error) =>
      hasCode(error, 'BACKUP_UNSUPPORTED'),
    );
    assert.deepEqual(
      (await readdir(folder)).filter((name) => /^e\d/.test(name)),
      [],
    );
  });

  test('while a server migrates is refused for the moment', async () => {
    await using target = await createTestDatabase({ isEmpty: true });
    const barrier = await closeBarrier(target);
    const slow = parseMigrationFile('0001_slow.sql', barrier.sql);
    const migrating = migrateDatabase({ connection: target.connection, files: [slow] });
    await barrier.waitForVisitor();
    await assert.rejects(createBackup(options('e4', { connection: target.connection })), (error) =>
      hasCode(error, 'BACKUP_MIGRATION_RUNNING'),
    );
    await barrier.open();
    await migrating;
  });
});
