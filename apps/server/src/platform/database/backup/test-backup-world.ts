import { createHash, randomUUID } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { systemClock } from '@holdfast/kernel';
import { sql } from 'kysely';
import { createTestDatabase, type TestDatabase } from '../test-database.ts';
import type { CreateBackupOptions } from './create-backup.ts';
import { restoreBackup } from './restore-backup.ts';

export const silent = { info: () => {}, warn: () => {}, error: () => {} };
export const passphrase = 'correct horse battery staple';

/** What tests of backups share: a filled database, a folder with keys, and room for files. */
export interface BackupWorld {
  readonly folder: string;
  readonly database: TestDatabase;
  options(name: string, rest?: Partial<CreateBackupOptions>): CreateBackupOptions;
  restoreInto(name: string, target: TestDatabase, home: string, secret?: string): Promise<void>;
  close(): Promise<void>;
}

export async function createBackupWorld(): Promise<BackupWorld> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-backup-'));
  await chmod(folder, 0o755);
  const keysFolder = path.join(folder, 'keys');
  await mkdir(keysFolder, { mode: 0o700 });
  await writeFile(path.join(keysFolder, 'master.key'), 'the master key\n', { mode: 0o600 });
  await writeFile(path.join(keysFolder, 'ca.crt'), 'the certificate\n', { mode: 0o644 });
  await writeFile(path.join(keysFolder, 'database.key'), 'of this cluster only\n', { mode: 0o600 });
  await writeFile(path.join(keysFolder, 'empty.key'), '', { mode: 0o600 });
  await mkdir(path.join(folder, 'agent'), { mode: 0o700 });
  await writeFile(path.join(folder, 'agent/agent.key'), 'the key of the agent\n', { mode: 0o600 });
  await writeFile(path.join(folder, 'agent/state.sqlite'), 'not in the backup\n', { mode: 0o600 });
  const database = await createTestDatabase();
  await fill(database);
  return {
    folder,
    database,
    options: (name, rest = {}) => ({
      connection: database.connection,
      home: folder,
      file: path.join(folder, name),
      productVersion: '0.0.0-test',
      keyIterations: 100_000,
      clock: systemClock,
      ...rest,
    }),
    async restoreInto(name, target, home, secret) {
      await restoreBackup({
        file: path.join(folder, name),
        home,
        connection: target.connection,
        log: silent,
        ...(secret === undefined ? {} : { readPassphrase: () => secret }),
      });
    },
    async close() {
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function fill(target: TestDatabase, count = 300): Promise<void> {
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

/** Every row of every table and where every sequence stands, as text. */
export async function dump(target: Pick<TestDatabase, 'db'>): Promise<Record<string, string>> {
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
