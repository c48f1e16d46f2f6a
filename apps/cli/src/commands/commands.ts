import {
  type ApiClient,
  cancelCommand,
  type Command as IssuedCommand,
  getCommand,
  issueCommand,
  listCommands,
  listCommandTargets,
  listCommandTypes,
} from '@holdfast/api';
import type { Command } from 'commander';
import { CliError, ExitCode } from '../cli.errors.ts';
import type { CommandTools } from '../command-tools.ts';
import { createProgress } from '../output/progress.ts';
import { formatTable } from '../output/table.ts';
import type { AddAction } from '../program.ts';
import { readDuration, readInteger, readText } from './arguments.ts';
import { findDeviceId, findGroup } from './lookup.ts';

const pollIntervalMs = 500;

export function addCommandCommands(program: Command, addAction: AddAction): void {
  const commands = program.command('commands').description('order something from devices, and follow it');
  addAction(commands.command('types').description('what can be ordered'), async ({ client, printer }) => {
    const { types } = await (await client()).call(listCommandTypes, {});
    printer.result(types, () =>
      formatTable(
        [
          { title: 'type', value: (row) => row.type },
          { title: 'what it does', value: (row) => row.description },
        ],
        types,
      ),
    );
  });
  addAction(
    commands
      .command('issue')
      .description('order something from devices or a group')
      .argument('<type>', 'e.g. collect-inventory')
      .argument('[devices...]', 'names or ids')
      .option('--group <group>', 'all devices of a group and its subgroups')
      .option('--expires <duration>', 'give up on devices that do not come in time')
      .option('--wait', 'stay until every device has finished')
      .addHelpText(
        'after',
        '\nExamples:\n  holdfast commands issue collect-inventory laptop-17 --wait\n  holdfast commands issue collect-inventory --group Berlin\n',
      ),
    issue,
  );
  addAction(
    commands
      .command('list')
      .description('Command Tracking, newest first')
      .option('--limit <n>', 'how many at most', '50'),
    async ({ client, printer }, options) => {
      const { commands: rows } = await (await client()).call(listCommands, {
        query: { limit: readInteger(options, 'limit') ?? 50 },
      });
      printer.result(rows, () => formatCommands(rows));
    },
  );
  addAction(
    commands
      .command('show')
      .description('a command, device by device')
      .argument('<id>', 'id from `commands list`'),
    async ({ client, printer }, _options, [commandId = '']) => {
      const api = await client();
      const command = await api.call(getCommand, { params: { commandId } });
      const { targets } = await api.call(listCommandTargets, {
        params: { commandId },
        query: { limit: 500 },
      });
      printer.result(
        { command, targets },
        () =>
          formatCommands([command]) +
          formatTable(
            [
              { title: 'device', value: (row) => row.deviceName },
              { title: 'state', value: (row) => row.state },
              { title: 'detail', value: (row) => row.detail },
            ],
            targets,
          ),
      );
    },
  );
  addAction(
    commands
      .command('cancel')
      .description('cancel where it has not begun')
      .argument('<id>', 'id from `commands list`'),
    async ({ client, printer }, _options, [commandId = '']) => {
      const command = await (await client()).call(cancelCommand, { params: { commandId } });
      printer.result(command, () => `Cancelled on ${command.counts.cancelled} of ${command.counts.total}.\n`);
    },
  );
}

async function issue(
  tools: CommandTools,
  options: Record<string, unknown>,
  [type = '', ...devices]: readonly string[],
): Promise<ExitCode> {
  const client = await tools.client();
  const group = readText(options, 'group');
  if ((devices.length === 0) === (group === undefined)) {
    throw new CliError('ARGUMENT_INVALID', 'Name either devices or a group with --group.');
  }
  const expiresInMs = readDuration(options, 'expires');
  const command = await client.call(issueCommand, {
    body: {
      type,
      targets:
        group === undefined
          ? { deviceIds: await Promise.all(devices.map((device) => findDeviceId(client, device))) }
          : { filter: { groupId: (await findGroup(client, group)).id } },
      ...(expiresInMs === undefined ? {} : { expiresInMs }),
    },
  });
  if (options['wait'] !== true) {
    tools.printer.result(command, () => `${command.title} for ${command.target}: ${command.id}\n`);
    return ExitCode.done;
  }
  const finished = await waitForEnd(tools, client, command);
  tools.printer.result(finished, () => formatCommands([finished]));
  return finished.counts.succeeded === finished.counts.total ? ExitCode.done : ExitCode.refused;
}

async function waitForEnd(
  tools: CommandTools,
  client: ApiClient,
  issued: IssuedCommand,
): Promise<IssuedCommand> {
  const progress = createProgress(tools.context);
  let command = issued;
  while (inProgress(command) > 0) {
    progress.update(
      command.counts.total - inProgress(command),
      command.counts.total,
      `${inProgress(command)} of ${command.counts.total} in progress`,
    );
    await new Promise((resolve) => setTimeout(resolve, pollIntervalMs));
    command = await client.call(getCommand, { params: { commandId: issued.id } });
  }
  progress.end();
  return command;
}

function inProgress({ counts }: IssuedCommand): number {
  return counts.queued + counts.delivered + counts.accepted + counts.running;
}

function formatCommands(rows: readonly IssuedCommand[]): string {
  return formatTable(
    [
      { title: 'id', value: (row) => row.id },
      { title: 'command', value: (row) => row.title },
      { title: 'target', value: (row) => row.target },
      { title: 'issued', value: (row) => `${row.issuedAt} by ${row.issuedBy}` },
      { title: 'succeeded', value: (row) => String(row.counts.succeeded), alignment: 'right' },
      { title: 'failed', value: (row) => String(row.counts.failed + row.counts.expired), alignment: 'right' },
      { title: 'in progress', value: (row) => String(inProgress(row)), alignment: 'right' },
      { title: 'all', value: (row) => String(row.counts.total), alignment: 'right' },
    ],
    rows,
  );
}
