import path from 'node:path';
import { type Clock, systemClock } from '@holdfast/kernel';
import type { ConnectionSettings } from '../connection-settings.ts';
import { startEmbeddedDatabase } from '../embedded-database.ts';
import { readMigrationFiles, type MigrationFile } from '../migration-file.ts';
import type { DatabaseLog } from '../supervisor.ts';
import type { BackupProgress } from './create-backup.ts';
import { assertAgentKeyFree, assertKeysFolderFree, writeFilesOfHome } from './key-files.ts';
import { loadBackup, planRestoredMigrations } from './load-backup.ts';
import type { ReadBackupOptions } from './read-backup.ts';
import { type VerifiedBackup, verifyBackup } from './verify-backup.ts';

export interface RestoreBackupOptions extends ReadBackupOptions {
  /** HOLDFAST_HOME, new or empty. */
  readonly home: string;
  /** An empty external database; absent: our own is made in `home`. */
  readonly connection?: ConnectionSettings | undefined;
  readonly log: DatabaseLog;
  readonly clock?: Clock;
  readonly systemUserName?: string | undefined;
  readonly binariesFolder?: string | undefined;
  readonly files?: readonly MigrationFile[];
  /** Runs in the restored database, while it is still there, before the restore counts as done. */
  readonly onRestored?:
    | ((connection: ConnectionSettings, backup: VerifiedBackup) => Promise<void>)
    | undefined;
  readonly onProgress?: ((progress: BackupProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes `home` the server that the backup was made of. The backup is read and checked from end to end before
 * anything is touched. After a failure the database is as empty as before, and the same command may be
 * repeated; after success the server can be started.
 *
 * @throws BackupError the codes of reading and restoring; DatabaseError those of running our own database
 */
export async function restoreBackup(options: RestoreBackupOptions): Promise<VerifiedBackup> {
  const clock = options.clock ?? systemClock;
  const files = options.files ?? (await readMigrationFiles());
  const verified = await verifyBackup(options);
  planRestoredMigrations(files, verified.manifest);
  await assertKeysFolderFree(path.join(options.home, 'keys'), verified.keyFiles);
  await assertAgentKeyFree(options.home, verified.keyFiles);
  const load = async (connection: ConnectionSettings): Promise<void> => {
    await loadBackup({
      ...options,
      connection,
      verified,
      files,
      clock,
      // Keys first, rows second: rows without their keys would make the server look new and lock products out.
      beforeCommit: () => writeFilesOfHome(options.home, verified.keyFiles),
    });
    await options.onRestored?.(connection, verified);
  };
  if (options.connection !== undefined) {
    await load(options.connection);
    return verified;
  }
  const embedded = await startEmbeddedDatabase({
    home: options.home,
    log: options.log,
    clock,
    systemUserName: options.systemUserName,
    binariesFolder: options.binariesFolder,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  try {
    await load(embedded.connection);
  } finally {
    await embedded.stop();
  }
  return verified;
}
