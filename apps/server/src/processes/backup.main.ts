import path from 'node:path';
import { guardProgram, systemClock } from '@holdfast/kernel';
import { recordBackup } from './backup-audit.ts';
import { readPassphrase, readProductVersion, runBackupCommand, showProgress } from './backup-command.ts';
import { loadConfig, type ServerConfig } from '../config/config.ts';
import { createBackup, verifyBackup } from '../platform/database/backup/index.ts';
import {
  type ConnectionSettings,
  findEmbeddedConnection,
  parseDatabaseUrl,
} from '../platform/database/index.ts';

const USAGE = `usage: holdfast backup [--passphrase-file FILE] [--json] FILE
       holdfast backup --verify [--passphrase-file FILE] [--json] FILE
`;

async function findConnection(config: ServerConfig): Promise<ConnectionSettings> {
  if (config.database.kind === 'external') return parseDatabaseUrl(config.database.url.reveal());
  return await findEmbeddedConnection(config.home);
}

guardProgram(process, { whenOutputIsLost: 'end' });
await runBackupCommand(USAGE, async (args, signal) => {
  const { file, passphraseFile } = args;
  const passphrase = passphraseFile === undefined ? undefined : await readPassphrase(passphraseFile);
  if (args.isVerifyOnly) {
    const { manifest, rows, keyFiles, isEncrypted } = await verifyBackup({
      file,
      ...(passphrase === undefined ? {} : { readPassphrase: () => passphrase }),
    });
    const { createdAt, productVersion } = manifest;
    const count = [...rows.values()].reduce((sum, one) => sum + one, 0);
    return {
      json: {
        file,
        createdAt,
        productVersion,
        tables: rows.size,
        rows: count,
        keyFiles: keyFiles.length,
        isEncrypted,
      },
      text: `The backup is sound. It was made at ${createdAt} by Holdfast ${productVersion} and holds ${count} rows and ${keyFiles.length} key files.\n`,
    };
  }
  const config = loadConfig(process.env);
  const connection = await findConnection(config);
  const created = await createBackup({
    connection,
    home: config.home,
    file,
    passphrase,
    productVersion: readProductVersion(),
    clock: systemClock,
    onProgress: showProgress(args),
    signal,
  });
  await recordBackup(connection, {
    action: 'backup.created',
    objectId: created.createdAt,
    objectName: path.basename(created.file),
    details: {
      bytes: created.bytes,
      rows: created.rows,
      keyFiles: created.keyFiles,
      isEncrypted: created.isEncrypted,
    },
  });
  const warning = created.isEncrypted
    ? ''
    : 'It is not encrypted and holds the keys of the server: keep it as you keep the server itself.\n';
  return {
    json: created,
    text: `Backup made and checked: ${created.file}\n${created.rows} rows, ${created.keyFiles} key files, ${created.bytes} bytes.\n${warning}`,
  };
});
