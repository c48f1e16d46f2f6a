import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { hasCode, systemClock } from '@holdfast/kernel';
import { sql } from 'kysely';
import { createDatabase } from '../database.ts';
import { databaseFolder, startEmbeddedDatabase } from '../embedded-database.ts';
import { migrateDatabase } from '../migrate.ts';
import { parseMigrationFile, readMigrationFiles } from '../migration-file.ts';
import { createTestDatabase, type TestDatabase } from '../test-database.ts';
import { type CreateBackupOptions, createBackup } from './create-backup.ts';
import { restoreBackup } from './restore-backup.ts';
import { verifyBackup } from './verify-backup.ts';

const silent = { info: () => {}, warn: () => {}, error: () => {} };
const passphrase = 'correct horse battery staple';

let folder: string;
let keysFolder: string;
let database: TestDatabase;
before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-backup-'));
  await chmod(folder, 0o755);
  keysFolder = path.join(folder, 'keys');
  await mkdir(keysFolder, { mode: 0o700 });
  await writeFile(path.join(keysFolder, 'master.key'), 'the master key\n', { mode: 0o600 });
  await writeFile(path.join(keysFolder, 'ca.crt'), 'the certificate\n', { mode: 0o644 });
  await writeFile(path.join(keysFolder, 'database.key'), 'of this cluster only\n', { mode: 0o600 });
  await writeFile(path.join(keysFolder, 'empty.key'), '', { mode: 0o600 });
  database = await createTestDatabase();
  await fill(database);
});
after(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

async function fill(target: TestDatabase, count = 300): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await target.db
      .insertInto('audit_entry')
      .values({
        id: randomUUID(),
        occurred_at: new Date(index * 1_000 + 7),
        actor_kind: 'system',
        actor_id: null,
        actor_name: 'tab\tnew\nline \\ back "quote" ü 😀',
        action: 'server.started',
        object_kind: null,
        object_id: null,
        object_name: index % 2 === 0 ? null : '\\N',
        scope_group_id: null,
        details: JSON.stringify({ index, text: 'ü'.repeat(index) }),
        request_id: null,
        remote_address: '2001:db8::1',
        previous_hash: index === 0 ? null : Buffer.alloc(32, index),
        entry_hash: Buffer.alloc(32, index + 1),
      })
      .execute();
  }
  await sql`insert into setting values ('large.value', to_jsonb(repeat('0123456789', 300000)), 1, now(), null)`.execute(
    target.db,
  );
}

function options(name: string, rest: Partial<CreateBackupOptions> = {}): CreateBackupOptions {
  return {
    connection: database.connection,
    keysFolder,
    file: path.join(folder, name),
    productVersion: '0.0.0-test',
    keyIterations: 100_000,
    clock: systemClock,
    ...rest,
  };
}

/** Every row of every table and where every sequence stands, as text. */
async function dump(target: Pick<TestDatabase, 'db'>): Promise<Record<string, string>> {
  const { rows: tables } = await sql<{ name: string }>`select tablename as name from pg_tables
    where schemaname = 'public' and tablename <> 'schema_migration' order by 1`.execute(target.db);
  const content: Record<string, string> = {};
  for (const { name } of tables) {
    const { rows } = await sql<{
      row: string;
    }>`select t::text as row from ${sql.table(name)} t order by 1`.execute(target.db);
    content[name] = `${rows.length} ${createHash('sha256').update(JSON.stringify(rows)).digest('hex')}`;
  }
  const { rows } = await sql`select sequencename::text, last_value from pg_sequences order by 1`.execute(
    target.db,
  );
  return { ...content, sequences: JSON.stringify(rows) };
}

async function restoreInto(name: string, target: TestDatabase, home: string, secret?: string): Promise<void> {
  await restoreBackup({
    file: path.join(folder, name),
    home,
    connection: target.connection,
    log: silent,
    ...(secret === undefined ? {} : { readPassphrase: () => secret }),
  });
}

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

describe('a damaged backup', () => {
  for (const secret of [undefined, passphrase]) {
    const kind = secret === undefined ? 'plain' : 'encrypted';
    const readPassphrase = secret === undefined ? undefined : () => secret;

    test(`(${kind}) is refused wherever a bit is wrong`, async () => {
      const { file } = await createBackup(options(`flip-${kind}.hfbackup`, { passphrase: secret }));
      const whole = await readFile(file);
      const damaged = path.join(folder, `flipped-${kind}`);
      const steps = secret === undefined ? 12 : 2;
      const inside = Array.from({ length: steps }, (_, step) =>
        Math.floor((whole.length / (steps + 1)) * (step + 1)),
      );
      const positions = [0, 18, 25, 60, ...inside, whole.length - 1];
      for (const position of positions) {
        const bytes = Buffer.from(whole);
        bytes[position] = (bytes[position] ?? 0) ^ 0x01;
        await writeFile(damaged, bytes);
        await assert.rejects(
          verifyBackup({ file: damaged, readPassphrase }),
          (error: Error & { code?: string }) => {
            assert.match(String(error.code), /^BACKUP_/, `position ${position}: ${error.stack}`);
            return true;
          },
        );
      }
    });

    test(`(${kind}) is refused wherever it ends too early, and when something follows it`, async () => {
      const { file } = await createBackup(options(`cut-${kind}.hfbackup`, { passphrase: secret }));
      const whole = await readFile(file);
      const damaged = path.join(folder, `shortened-${kind}`);
      for (const length of [
        0,
        1,
        17,
        40,
        200,
        Math.floor(whole.length / 2),
        whole.length - 20,
        whole.length - 1,
      ]) {
        await writeFile(damaged, whole.subarray(0, length));
        await assert.rejects(
          verifyBackup({ file: damaged, readPassphrase }),
          (error: Error & { code?: string }) => {
            assert.match(
              String(error.code),
              /^BACKUP_(DAMAGED|NOT_A_BACKUP)$/,
              `length ${length}: ${error.stack}`,
            );
            return true;
          },
        );
      }
      await writeFile(damaged, Buffer.concat([whole, Buffer.from('more')]));
      await assert.rejects(verifyBackup({ file: damaged, readPassphrase }), (error) =>
        hasCode(error, 'BACKUP_DAMAGED'),
      );
    });
  }

  test('changes neither an empty home nor an empty database', async () => {
    const { file } = await createBackup(options('last-byte.hfbackup'));
    const bytes = await readFile(file);
    bytes[bytes.length - 10] = (bytes.at(-10) ?? 0) ^ 0xff;
    await writeFile(path.join(folder, 'last-byte-damaged'), bytes);
    await using target = await createTestDatabase({ isEmpty: true });
    const home = path.join(folder, 'untouched');
    await assert.rejects(restoreInto('last-byte-damaged', target, home), (error) =>
      hasCode(error, 'BACKUP_DAMAGED'),
    );
    await assert.rejects(
      restoreBackup({ file: path.join(folder, 'last-byte-damaged'), home, log: silent }),
      (error) => hasCode(error, 'BACKUP_DAMAGED'),
    );
    assert.equal(await stat(home).catch(() => undefined), undefined);
    assert.equal(await stat(databaseFolder(home)).catch(() => undefined), undefined);
    assert.deepEqual(await dump(target), { sequences: '[]' });
  });
});

describe('a restore is refused', () => {
  test('into a database that holds anything, and leaves it as it is', async () => {
    const { file } = await createBackup(options('full-target.hfbackup'));
    await using target = await createTestDatabase({ isEmpty: true });
    await sql`create table mine (id integer); insert into mine values (1)`.execute(target.db);
    const before = await dump(target);
    const home = path.join(folder, 'full-target');
    await assert.rejects(restoreInto(path.basename(file), target, home), (error) =>
      hasCode(error, 'RESTORE_TARGET_NOT_EMPTY'),
    );
    assert.deepEqual(await dump(target), before);
    assert.equal(await stat(path.join(home, 'keys')).catch(() => undefined), undefined);
  });

  test('into a home with keys of another server', async () => {
    const { file } = await createBackup(options('other-keys.hfbackup'));
    const home = path.join(folder, 'other-keys');
    await mkdir(path.join(home, 'keys'), { recursive: true });
    await writeFile(path.join(home, 'keys', 'master.key'), 'another master key\n');
    await assert.rejects(restoreBackup({ file, home, log: silent }), (error) =>
      hasCode(error, 'RESTORE_TARGET_NOT_EMPTY'),
    );
    assert.deepEqual(await readdir(home), ['keys']);
    assert.equal(await readFile(path.join(home, 'keys', 'master.key'), 'utf8'), 'another master key\n');
  });

  test('when this server is older than the backup, with both named', async () => {
    await using newer = await createTestDatabase({ isEmpty: true });
    const known = await readMigrationFiles();
    await migrateDatabase({
      connection: newer.connection,
      files: [...known, parseMigrationFile('9999_newer.sql', 'select 1;')],
    });
    const { file } = await createBackup(options('newer.hfbackup', { connection: newer.connection }));
    await using target = await createTestDatabase({ isEmpty: true });
    await assert.rejects(
      restoreInto(path.basename(file), target, path.join(folder, 'newer')),
      (error: Error) => {
        assert.ok(hasCode(error, 'RESTORE_BACKUP_NEWER'));
        assert.match(error.message, /9999_newer\.sql/);
        return true;
      },
    );
    assert.deepEqual(await dump(target), { sequences: '[]' });
  });

  test('without the passphrase or with a wrong one', async () => {
    const { file } = await createBackup(options('locked.hfbackup', { passphrase }));
    await assert.rejects(verifyBackup({ file }), (error) => hasCode(error, 'BACKUP_PASSPHRASE_MISSING'));
    await assert.rejects(verifyBackup({ file, readPassphrase: () => `${passphrase} ` }), (error) =>
      hasCode(error, 'BACKUP_PASSPHRASE_WRONG'),
    );
  });
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
    const strange = path.join(folder, 'strange-keys');
    await mkdir(path.join(strange, 'sub'), { recursive: true });
    await assert.rejects(createBackup(options('e3', { keysFolder: strange })), (error) =>
      hasCode(error, 'BACKUP_UNSUPPORTED'),
    );
    assert.deepEqual(
      (await readdir(folder)).filter((name) => /^e\d/.test(name)),
      [],
    );
  });

  test('while a server migrates is refused for the moment', async () => {
    const slow = parseMigrationFile('0001_slow.sql', 'select pg_sleep(1);');
    await using target = await createTestDatabase({ isEmpty: true });
    const migrating = migrateDatabase({ connection: target.connection, files: [slow] });
    for (let isLocked = false; !isLocked; ) {
      const { rows } = await sql<{ count: number }>`select count(*) as count from pg_locks l
        join pg_database d on d.oid = l.database where l.locktype = 'advisory' and d.datname = current_database()`.execute(
        target.db,
      );
      isLocked = rows[0]?.count === 1;
    }
    await assert.rejects(createBackup(options('e4', { connection: target.connection })), (error) =>
      hasCode(error, 'BACKUP_MIGRATION_RUNNING'),
    );
    await migrating;
  });
});
