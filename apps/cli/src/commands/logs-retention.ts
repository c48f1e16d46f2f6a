import { getLogSettings, updateLogSettings } from '@holdfast/api';
import type { Command } from 'commander';
import { CliError } from '../cli.errors.ts';
import type { AddAction } from '../program.ts';

export function addLogRetentionCommand(logs: Command, addAction: AddAction): void {
  addAction(
    logs
      .command('retention')
      .description('show or change for how many days log entries are kept')
      .argument('[days]', '1 to 3650'),
    async ({ client, printer }, _options, [days]) => {
      const api = await client();
      let settings = await api.call(getLogSettings, {});
      if (days !== undefined) {
        if (!/^[1-9]\d{0,3}$/.test(days))
          throw new CliError('ARGUMENT_INVALID', `The days are a whole number, not "${days}".`);
        settings = await api.call(updateLogSettings, {
          body: { revision: settings.revision, logs: { retentionDays: Number(days) } },
        });
      }
      printer.result(
        settings,
        () => `Log entries are kept for ${settings.logs.retentionDays} days after the day they came.\n`,
      );
    },
  );
}
