import { stat } from 'node:fs/promises';
import path from 'node:path';
import { guardProgram } from '@holdfast/kernel';
import { recordBackup } from './backup-audit.ts';
import { readPassphrase, runBackupCommand, showProgress } from './backup-command.ts';
import { loadConfig } from '../config/config.ts';
import { removeHeadFile } from '../platform/audit/audit-head-file.ts';
import { restoreBackup } from '../platform/database/backup/index.ts';
import { type DatabaseLog, parseDatabaseUrl } from '../platform/database/index.ts';
import { homeLayout } from '../platform/home/home.ts';

const USAGE = 'usage: holdfast restore [--passphrase-file FILE] [--json] FILE\n';

/** The server's log is not open here; only what went wrong is worth a line. */
const log: DatabaseLog = {
  info: () => {},
  warn: (_facts, message) => void process.stderr.write(`holdfast: ${message}\n`),
  error: (_facts, message) => void process.stderr.write(`holdfast: ${message}\n`),
};

guardProgram(process, { whenOutputIsLost: 'end' });
await runBackupCommand(USAGE, async (args, signal) => {
  const { database, home } = loadConfig(process.env);
  const { file, passphraseFile } = args;
  const passphrase = passphraseFile === undefined ? undefined : await readPassphrase(passphraseFile);
  const { manifest, rows, keyFiles } = await restoreBackup({
    file,
    ...(passphrase === undefined ? {} : { readPassphrase: () => passphrase }),
    home,
    log,
    onRestored: async (connection, backup) => {
      // The log ends where it did then.
      await removeHeadFile(homeLayout(home).auditHead);
      await recordBackup(connection, {
        action: 'backup.restored',
        objectId: backup.manifest.createdAt,
        objectName: path.basename(file),
        details: {
          bytes: (await stat(file)).size,
          createdAt: backup.manifest.createdAt,
          productVersion: backup.manifest.productVersion,
        },
      });
    },
    ...(database.kind === 'external'
      ? { connection: parseDatabaseUrl(database.url.reveal()) }
      : { systemUserName: database.systemUserName, binariesFolder: database.binariesFolder }),
    onProgress: showProgress(args),
    signal,
  });
  const count = [...rows.values()].reduce((sum, one) => sum + one, 0);
  const { createdAt, productVersion } = manifest;
  return {
    json: { home, createdAt, productVersion, tables: rows.size, rows: count, keyFiles: keyFiles.length },
    text: `Restored ${count} rows and ${keyFiles.length} key files of ${createdAt} into ${home}.\nStart the server now; every product finds it again.\n`,
  };
});
