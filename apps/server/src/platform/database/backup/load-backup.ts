import type { Clock } from '@holdfast/kernel';
import { finished } from 'node:stream/promises';
import type { ClientBase } from 'pg';
import pg from 'pg';
import { hasCode } from '@holdfast/kernel';
import type { ConnectionSettings } from '../connection-settings.ts';
import { cutConnection } from '../cut-connection.ts';
import { connectOnce } from '../database.ts';
import { applyMigration, createBookkeeping, MIGRATION_LOCK_KEY } from '../migrate.ts';
import type { MigrationFile } from '../migration-file.ts';
import { planMigrations } from '../migration-plan.ts';
import { wrapStatementError } from '../sql-state.ts';
import { BackupError, createDamagedError } from './backup.errors.ts';
import type { Manifest } from './backup-format.ts';
import { COPY_DIALECT, copyIn } from './copy-stream.ts';
import type { BackupProgress } from './create-backup.ts';
import { readBackup, type ReadBackupOptions } from './read-backup.ts';
import {
  addForeignKeys,
  dropForeignKeys,
  listTables,
  quoteTable,
  restoreSequences,
  type TableDescription,
} from './table-list.ts';
import type { VerifiedBackup } from './verify-backup.ts';

export interface LoadBackupOptions extends ReadBackupOptions {
  readonly connection: ConnectionSettings;
  readonly verified: VerifiedBackup;
  readonly files: readonly MigrationFile[];
  readonly clock: Clock;
  /** Runs when every row is in and nothing is committed yet; when it fails, nothing was restored. */
  readonly beforeCommit: () => Promise<void>;
  readonly onProgress?: ((progress: BackupProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The migrations that lead to the structure that the backup was made from. The next start of the server
 * applies those that came later.
 *
 * @throws BackupError RESTORE_BACKUP_NEWER; DatabaseError MIGRATION_CHANGED
 */
export function planRestoredMigrations(
  files: readonly MigrationFile[],
  manifest: Manifest,
): readonly MigrationFile[] {
  try {
    planMigrations(files, manifest.migrations);
  } catch (error) {
    if (!hasCode(error, 'DATABASE_NEWER_THAN_SERVER')) throw error;
    throw new BackupError(
      'RESTORE_BACKUP_NEWER',
      `The backup was made by Holdfast ${manifest.productVersion}, at migration "${manifest.migrations.at(-1)?.name}"; this version knows up to "${files.at(-1)?.name}". Nothing was changed.`,
      { cause: error, remedy: `Restore it with Holdfast ${manifest.productVersion} or newer.` },
    );
  }
  const restored = new Set(manifest.migrations.map((migration) => migration.number));
  return files.filter((file) => restored.has(file.number));
}

/**
 * Brings a verified backup into an empty database, all of it in one transaction: structure, rows, sequences.
 *
 * @throws BackupError RESTORE_TARGET_NOT_EMPTY, RESTORE_FAILED, BACKUP_DAMAGED
 */
export async function loadBackup(options: LoadBackupOptions): Promise<void> {
  const { verified } = options;
  const migrations = planRestoredMigrations(options.files, verified.manifest);
  const client = await connectOnce(options.connection, {
    applicationName: 'holdfast-restore',
    statementTimeoutMs: 0,
    connectTimeoutMs: 10_000,
  });
  try {
    await client.query(COPY_DIALECT);
    await client.query('begin');
    await assertDatabaseEmpty(client);
    await createBookkeeping(client);
    for (const file of migrations) await applyMigration(client, withinTransaction(file), options.clock);
    const tables = await prepareTables(client, verified.manifest);
    const foreignKeys = await dropForeignKeys(client);
    await loadRows(client, options, tables);
    await addForeignKeys(client, foreignKeys);
    await restoreSequences(client, verified.sequences);
    for (const table of tables)
      await client.query(`alter table ${quoteTable(table).table} enable trigger user`);
    await options.beforeCommit();
    await client.query('commit');
    // Without it the first queries would run without knowing the sizes of the tables.
    await client.query('analyze').catch(() => {});
    await client.end();
  } catch (error) {
    throw wrapLoadError(error);
  } finally {
    // A connection that is cut rolls its transaction back.
    cutConnection(client);
  }
}

async function assertDatabaseEmpty(client: ClientBase): Promise<void> {
  const lock = await client.query<{ is_held: boolean }>('select pg_try_advisory_xact_lock($1) as is_held', [
    MIGRATION_LOCK_KEY,
  ]);
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = current_schema()::regnamespace
       and relkind in ('r', 'p', 'v', 'm', 'S') order by relname limit 1`,
  );
  if (lock.rows[0]?.is_held === true && rows[0] === undefined) return;
  const reason = rows[0] === undefined ? 'a server is using it' : `it holds the table "${rows[0].name}"`;
  throw new BackupError(
    'RESTORE_TARGET_NOT_EMPTY',
    `The database is not empty: ${reason}. Nothing was changed.`,
    {
      remedy: 'Restore into an empty HOLDFAST_HOME or an empty database.',
    },
  );
}

/**
 * What PostgreSQL refuses inside a transaction is building an index while others write. Nobody else writes
 * here, so the plain form makes the same index.
 */
function withinTransaction(file: MigrationFile): MigrationFile {
  if (file.isTransactional) return { ...file, isTransactional: false };
  return { ...file, text: file.text.replace(/\bconcurrently\b/gi, '') };
}

/** The tables, emptied of what migrations put in, with their triggers at rest. */
async function prepareTables(client: ClientBase, manifest: Manifest): Promise<readonly TableDescription[]> {
  const tables = await listTables(client);
  if (describeTables(tables) !== describeTables(manifest.tables)) {
    throw createDamagedError('its tables are not those of its migrations');
  }
  if (tables.length === 0) return tables;
  await client.query('set constraints all immediate');
  for (const table of tables)
    await client.query(`alter table ${quoteTable(table).table} disable trigger user`);
  await client.query(`truncate ${tables.map((table) => quoteTable(table).table).join(', ')}`);
  return tables;
}

function describeTables(tables: readonly TableDescription[]): string {
  return tables
    .map(({ name, columns }) => `${name} (${[...columns].sort().join(', ')})`)
    .sort()
    .join('; ');
}

async function loadRows(
  client: ClientBase,
  options: LoadBackupOptions,
  tables: readonly TableDescription[],
): Promise<void> {
  const stated = new Map(options.verified.manifest.tables.map((table) => [table.name, table]));
  let copy: ReturnType<typeof copyIn> | undefined;
  let done = 0;
  for await (const item of readBackup(options)) {
    options.signal?.throwIfAborted();
    if (item.kind === 'part-start' && item.part.kind === 'table') {
      options.onProgress?.({ done, total: tables.length, part: item.part.name });
      const table = stated.get(item.part.name);
      if (table === undefined) throw createDamagedError('a part belongs to no table');
      const quoted = quoteTable(table);
      copy = copyIn(client, `copy ${quoted.table} (${quoted.columns}) from stdin`);
      // Awaited at the end of the part; until then a failure must not count as unhandled.
      copy.input.on('error', () => {});
    } else if (item.kind === 'data' && copy !== undefined) {
      await write(copy.input, item.data);
    } else if (item.kind === 'part-end' && item.part.kind === 'table' && copy !== undefined) {
      copy.input.end();
      await finished(copy.input);
      if (copy.rowCount() !== item.end.rows)
        throw createDamagedError(`the table ${item.part.name} does not hold its rows`);
      copy = undefined;
      done += 1;
    }
  }
  // The file could have been exchanged since it was verified; what was read now is checked just as well.
  if (done !== tables.length) throw createDamagedError('a table is missing');
}

function write(stream: ReturnType<typeof copyIn>['input'], data: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(data, (error) => (error == null ? resolve() : reject(error)));
  });
}

function wrapLoadError(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) return wrapStatementError(error);
  const wrapped = wrapStatementError(error);
  if (wrapped !== error) return wrapped;
  return new BackupError(
    'RESTORE_FAILED',
    'The database does not take the rows of the backup. Nothing was changed.',
    {
      cause: error,
      facts: { sqlState: error.code ?? 'none', table: error.table ?? '' },
      remedy: 'The log holds the reason from the database. Try another backup.',
    },
  );
}
