import type { Command } from 'commander';
import type { AddAction } from '../command-tools.ts';
import { runEntry } from '../processes/run-entry.ts';

/** Backup and restore work on this computer's server; the server's own programs do it. */
export function addBackupCommands(program: Command, addAction: AddAction): void {
  addAction(
    program
      .command('backup')
      .description('save database and keys of the running server into one file')
      .argument('<file>', 'file to write, e.g. holdfast-2026-11-22.hfbackup')
      .option(
        '--passphrase-file <file>',
        'encrypt with the first line of this file; - reads it from the input',
      )
      .option('--verify', 'write nothing; read an existing backup and check all of it')
      .addHelpText(
        'after',
        '\nWithout a passphrase the file holds the keys of the server in the clear: keep it as you keep the server itself.\n\nExample:\n  holdfast backup --passphrase-file backup-passphrase /mnt/backup/holdfast.hfbackup\n',
      ),
    async (tools, options, [file = '']) => runEntry(tools.context, 'backup', [...passOn(options), file]),
  );
  addAction(
    program
      .command('restore')
      .description('bring a backup onto an empty machine; every device is registered again')
      .argument('<file>', 'backup file')
      .option('--passphrase-file <file>', 'file whose first line opens the backup; - reads it from the input')
      .addHelpText(
        'after',
        '\nRefuses where a server already has data. Stop the server first.\n\nExample:\n  holdfast restore holdfast.hfbackup && holdfast up\n',
      ),
    async (tools, options, [file = '']) => runEntry(tools.context, 'restore', [...passOn(options), file]),
  );
}

/** The options that the server's own programs know. */
function passOn(options: Record<string, unknown>): string[] {
  const passphraseFile = options['passphraseFile'];
  return [
    ...(options['json'] === true ? ['--json'] : []),
    ...(options['verify'] === true ? ['--verify'] : []),
    ...(typeof passphraseFile === 'string' ? [`--passphrase-file=${passphraseFile}`] : []),
  ];
}
