import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseFailureJson } from '@holdfast/kernel';
import { quickStart } from '@holdfast/testkit';
import {
  type ConnectionSettings,
  createDatabase,
  migrateDatabase,
  startEmbeddedDatabase,
} from '../platform/database/index.ts';

const silent = { info: () => {}, warn: () => {}, error: () => {} };

let folder: string;
let passphraseFile: string;
before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-backup-main-'));
  await chmod(folder, 0o755);
  passphraseFile = path.join(folder, 'passphrase');
  await writeFile(passphraseFile, 'correct horse battery staple\nsecond line\n');
});
after(() => rm(folder, { recursive: true, force: true }));

async function readAudit(connection: ConnectionSettings) {
  const opened = createDatabase({ connection });
  try {
    return await opened.db.selectFrom('audit_entry').selectAll().orderBy('seq').execute();
  } finally {
    await opened.close();
  }
}

interface Outcome {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

async function run(program: string, home: string, ...args: string[]): Promise<Outcome> {
  const main = fileURLToPath(new URL(program, import.meta.url));
  const child = spawn(process.execPath, [main, ...args], {
    env: {
      PATH: process.env['PATH'],
      ...quickStart(),
      HOLDFAST_HOME: home,
      TMPDIR: os.tmpdir(),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { code, output, errors };
}

test('a running server is backed up, the file is checked, and an empty home becomes that server', async () => {
  const home = path.join(folder, 'home');
  const file = path.join(folder, 'server.hfbackup');
  const running = await startEmbeddedDatabase({ home, log: silent });
  try {
    await migrateDatabase({ connection: running.connection });
    const database = createDatabase({ connection: running.connection });
    const value = {
      key: 'test.value',
      value: '"kept"',
      revision: 1,
      changed_at: new Date(0),
      changed_by: null,
    };
    await database.db.insertInto('setting').values(value).execute();
    await database.close();
    await writeFile(path.join(home, 'keys', 'master.key'), 'the master key\n', { mode: 0o600 });

    const made = await run('./backup.main.ts', home, file, '--json', '--passphrase-file', passphraseFile);
    assert.equal(made.code, 0, made.errors);
    const created = JSON.parse(made.output) as { isEncrypted: boolean; rows: number; keyFiles: number };
    assert.deepEqual([created.isEncrypted, created.keyFiles], [true, 1]);
    const [entry, ...others] = await readAudit(running.connection);
    assert.deepEqual([entry?.action, entry?.object_name, others], ['backup.created', 'server.hfbackup', []]);
    assert.deepEqual(entry?.details, {
      bytes: (await stat(file)).size,
      rows: created.rows,
      keyFiles: 1,
      isEncrypted: true,
    });
    const again = await run('./backup.main.ts', home, file, '--json');
    assert.equal(again.code, 1);
    assert.equal(parseFailureJson(again.errors)?.code, 'BACKUP_TARGET_EXISTS');
  } finally {
    await running.stop();
  }

  assert.equal((await run('./backup.main.ts', home, path.join(folder, 'off.hfbackup'))).code, 4);
  assert.equal(
    (await run('./backup.main.ts', home, '--verify', file, '--passphrase-file', passphraseFile)).code,
    0,
  );
  const wrong = path.join(folder, 'wrong');
  await writeFile(wrong, 'another passphrase\n');
  assert.equal((await run('./backup.main.ts', home, '--verify', file, '--passphrase-file', wrong)).code, 3);

  const restoredHome = path.join(folder, 'restored');
  const restored = await run('./restore.main.ts', restoredHome, file, '--passphrase-file', passphraseFile);
  assert.equal(restored.code, 0, restored.errors);
  assert.equal(await readFile(path.join(restoredHome, 'keys', 'master.key'), 'utf8'), 'the master key\n');
  const second = await startEmbeddedDatabase({ home: restoredHome, log: silent });
  try {
    const database = createDatabase({ connection: second.connection });
    const row = await database.db
      .selectFrom('setting')
      .select('value')
      .where('key', '=', 'test.value')
      .executeTakeFirstOrThrow();
    assert.equal(row.value, 'kept');
    // The backup does not know of itself; what was restored says where it came from.
    const entries = await readAudit(second.connection);
    assert.deepEqual(
      entries.map((entry) => [entry.action, entry.object_name]),
      [['backup.restored', 'server.hfbackup']],
    );
    assert.deepEqual((entries[0]?.details as { bytes?: number } | undefined)?.bytes, (await stat(file)).size);
    await database.close();
  } finally {
    await second.stop();
  }
  assert.equal(
    (await run('./restore.main.ts', restoredHome, file, '--passphrase-file', passphraseFile)).code,
    1,
  );
});

test('arguments that make no sense show the usage and touch nothing', async () => {
  const home = path.join(folder, 'never-made');
  for (const args of [[], ['a', 'b'], ['--unknown', 'a'], ['']]) {
    for (const program of ['./backup.main.ts', './restore.main.ts']) {
      const { code, errors, output } = await run(program, home, ...args);
      assert.equal(code, 2);
      assert.match(errors, /^usage: holdfast/);
      assert.equal(output, '');
    }
  }
  await assert.rejects(mkdir(path.join(home, 'inside')));
});
