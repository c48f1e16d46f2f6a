import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { hasCode } from '@holdfast/kernel';
import { sql } from 'kysely';
import { databaseFolder } from '../embedded-database.ts';
import { migrateDatabase } from '../migrate.ts';
import { parseMigrationFile, readMigrationFiles } from '../migration-file.ts';
import { createTestDatabase } from '../test-database.ts';
import { type BackupWorld, createBackupWorld, dump, passphrase, silent } from './test-backup-world.ts';
import { createBackup } from './create-backup.ts';
import { restoreBackup } from './restore-backup.ts';
import { verifyBackup } from './verify-backup.ts';

let world: BackupWorld;
let folder: string;
let options: BackupWorld['options'];
let restoreInto: BackupWorld['restoreInto'];
before(async () => {
  world = await createBackupWorld();
  ({ folder, options, restoreInto } = world);
});
after(() => world.close());

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

  test('into a home whose agent has another key', async () => {
    const { file } = await createBackup(options('other-agent.hfbackup'));
    const home = path.join(folder, 'other-agent');
    await mkdir(path.join(home, 'agent'), { recursive: true });
    await writeFile(path.join(home, 'agent', 'agent.key'), 'another key\n');
    await assert.rejects(restoreBackup({ file, home, log: silent }), (error) =>
      hasCode(error, 'RESTORE_TARGET_NOT_EMPTY'),
    );
    assert.deepEqual(await readdir(home), ['agent']);
    assert.equal(await readFile(path.join(home, 'agent', 'agent.key'), 'utf8'), 'another key\n');
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
      files: [...known, parseMigrationFile('9999_newer.sql', '-- serves: 0.1.0\nselect 1;')],
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
