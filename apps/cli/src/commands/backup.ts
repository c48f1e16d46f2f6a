import type { Command } from 'commander';
import type { AddAction } from '../program.ts';
import { runEntry } from '../processes/run-entry.ts';

/** Backup and restore work on this computer's server; the server's own programs do it. */
export function addBackupCommands(program: Command, addAction: AddAction): void {
  addAction(
    program
      .command('backup')
      .description('save database and keys of the running server into one file')
      .argument('<file>', 'file to write, e.g. holdfast-2026-11-22.hfbackup')
      .addHelpText(
        'after',
        '\nThe file holds the keys of the server: keep it as you keep the server itself.\n\nExample:\n  holdfast backup /mnt/backup/holdfast.hfbackup\n',
      ),
    async (_tools, options, [file = '']) => runEntry('backup', [file, ...jsonFlag(options)]),
  );
  addAction(
    program
      .command('restore')
      .description('bring a backup onto an empty machine; every device is registered again')
      .argument('<file>', 'backup file')
      .addHelpText(
        'after',
        '\nRefuses where a server already has data. Stop the server first.\n\nExample:\n  holdfast restore holdfast.hfbackup && holdfast up\n',
      ),
    async (_tools, options, [file = '']) => runEntry('restore', [file, ...jsonFlag(options)]),
  );
}

function jsonFlag(options: Record<string, unknown>): string[] {
  return options['json'] === true ? ['--json'] : [];
}
