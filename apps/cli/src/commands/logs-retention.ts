import { getLogSettings, updateLogSettings } from '@holdfast/api';
import type { Command } from 'commander';
import type { AddAction } from '../command-tools.ts';
import { readInteger } from './arguments.ts';

export function addLogRetentionCommand(logs: Command, addAction: AddAction): void {
  addAction(
    logs
      .command('retention')
      .description('show or change for how many days log entries are kept')
      .option('--days <n>', '1 to 3650'),
    async ({ client, printer }, options) => {
      const retentionDays = readInteger(options, 'days');
      const api = await client();
      let settings = await api.call(getLogSettings, {});
      if (retentionDays !== undefined) {
        settings = await api.call(updateLogSettings, {
          body: { revision: settings.revision, logs: { retentionDays } },
        });
      }
      printer.result(
        settings,
        () => `Log entries are kept for ${settings.logs.retentionDays} days after the day they came.\n`,
      );
    },
  );
}
