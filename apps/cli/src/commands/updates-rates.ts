import { type ComponentRates, getComponentRates, setComponentRates } from '@holdfast/api';
import type { Command } from 'commander';
import { CliError } from '../cli.errors.ts';
import type { AddAction } from '../command-tools.ts';
import { formatFacts } from '../output/table.ts';
import { readText } from './arguments.ts';
import { formatBytes } from './device-text.ts';

const units = { KiB: 1_024, MiB: 1_048_576, GiB: 1_073_741_824 } as const;

/** How fast files go to devices. */
export function addRateCommand(updates: Command, addAction: AddAction): void {
  addAction(
    updates
      .command('rates')
      .description('how fast files go to devices; with an option, change it')
      .option('--all <rate>', 'to all devices together, a second: 50MiB, or none')
      .option('--each <rate>', 'to each of them, a second: 500KiB, or none')
      .addHelpText('after', '\nExample:\n  holdfast updates rates --all 50MiB --each none\n'),
    async ({ client, printer }, options) => {
      const api = await client();
      const before = await api.call(getComponentRates, {});
      const allPerSecond = readRate(options, 'all');
      const eachPerSecond = readRate(options, 'each');
      const isChange = allPerSecond !== undefined || eachPerSecond !== undefined;
      const rates = !isChange
        ? before
        : await api.call(setComponentRates, {
            body: {
              ...before,
              ...(allPerSecond === undefined ? {} : { allPerSecond }),
              ...(eachPerSecond === undefined ? {} : { eachPerSecond }),
            },
          });
      printer.result(rates, () => formatRates(rates));
    },
  );
}

/** @throws CliError ARGUMENT_INVALID */
function readRate(options: Record<string, unknown>, name: string): number | null | undefined {
  const text = readText(options, name);
  if (text === undefined) return undefined;
  if (text === 'none') return null;
  const [, amount, unit] = /^(\d{1,6})(KiB|MiB|GiB)$/u.exec(text) ?? [];
  const bytes = Number(amount) * units[unit as keyof typeof units];
  if (bytes >= units.KiB) return bytes;
  throw new CliError(
    'ARGUMENT_INVALID',
    `--${name} takes a rate like 500KiB or 50MiB, or none, not "${text}".`,
  );
}

function formatRates({ allPerSecond, eachPerSecond }: ComponentRates): string {
  const text = (rate: number | null): string =>
    rate === null ? 'not bounded' : `${formatBytes(rate)} a second`;
  return formatFacts([
    ['To all', text(allPerSecond)],
    ['To each', text(eachPerSecond)],
  ]);
}
