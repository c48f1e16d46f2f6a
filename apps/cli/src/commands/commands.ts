import {
  commandStates,
  getCommand,
  listCommands,
  listCommandTargets,
  listCommandTypes,
  retriableStates,
} from '@holdfast/api';
import type { Command } from 'commander';
import type { AddAction, CommandTools } from '../command-tools.ts';
import { collect, readChoice, readDuration, readInteger, readText } from './arguments.ts';
import { cancel, formatCommands, formatTargets } from './command-follow.ts';
import { issue, retry } from './command-issue.ts';
import { formatParameters, formatResult } from './command-result.ts';
import { listTypes } from './command-types.ts';
import { withFilter } from './device-filter.ts';
import { findDeviceId } from './lookup.ts';

const progresses = ['in-progress', 'finished', 'with-failures'] as const;

export function addCommandCommands(program: Command, addAction: AddAction): void {
  const commands = program.command('commands').description('order something from devices, and follow it');
  addAction(
    commands
      .command('types')
      .description('what can be ordered, or what one of them takes')
      .argument('[type]', 'e.g. set-log-level'),
    listTypes,
  );
  addAction(
    withFilter(
      commands
        .command('issue')
        .description('order something from devices, from a group, or from all that a filter finds')
        .argument('<type>', 'from `commands types`, e.g. collect-inventory')
        .argument('[devices...]', 'names or ids'),
    )
      .option('--all', 'every device that you may order something from')
      .option('--set <name=value>', 'a parameter of the command; may be repeated', collect)
      .option('--urgent', 'also in idle hours; otherwise devices get it when their working hours begin')
      .option('--expires <duration>', 'give up on devices that do not come in time')
      .option('--yes', 'do not ask, however far the command reaches')
      .option('--wait', 'stay until every device has finished')
      .addHelpText(
        'after',
        '\nExamples:\n  holdfast commands issue collect-inventory laptop-17 --wait\n  holdfast commands issue collect-inventory --group Berlin\n  holdfast commands issue set-log-level --set level=debug --set forMinutes=30 --search kiosk --urgent\n  holdfast commands issue restart-agent --group Berlin --yes\n',
      ),
    issue,
  );
  addAction(
    commands
      .command('list')
      .description('Command Tracking, newest first')
      .option('--type <type>', 'only this command')
      .option('--by <name>', 'only what this administrator or API key issued')
      .option('--state <state>', `some device is in this state: ${commandStates.join(', ')}`)
      .option('--progress <progress>', progresses.join(', '))
      .option('--device <device>', 'only what this device was ordered')
      .option('--since <duration>', 'only the last hours or days, e.g. 7d')
      .option('--limit <n>', 'how many at most', '50')
      .addHelpText(
        'after',
        '\nExample:\n  holdfast commands list --type run-health-check --state failed --since 7d\n',
      ),
    list,
  );
  addAction(
    commands
      .command('retry')
      .description('order the same again where it failed, expired or was cancelled, as a new command')
      .argument('<id>', 'id from `commands list`')
      .option('--after <states>', `after which ends: ${retriableStates.join(',')}`)
      .option('--urgent', 'also in idle hours, whatever the first one was')
      .option('--no-urgent', 'not in idle hours, whatever the first one was')
      .option('--expires <duration>', 'give up on devices that do not come in time')
      .option('--yes', 'do not ask, however far the command reaches')
      .option('--wait', 'stay until every device has finished'),
    retry,
  );
  addAction(
    commands
      .command('show')
      .description('a command, device by device, and what the only device reported')
      .argument('<id>', 'id from `commands list`')
      .option('--device <device>', 'only this device, with what it reported'),
    show,
  );
  addAction(
    commands
      .command('cancel')
      .description('cancel where it has not begun, and ask devices to end what they have begun')
      .argument('<id>', 'id from `commands list`'),
    async (tools, _options, [commandId = '']) => {
      const command = await cancel(tools, await tools.client(), commandId);
      tools.printer.result(
        command,
        () => `Cancelled on ${command.counts.cancelled} of ${command.counts.total}.\n`,
      );
    },
  );
}

async function show(
  { client, printer }: CommandTools,
  options: Record<string, unknown>,
  [commandId = '']: readonly string[],
): Promise<void> {
  const api = await client();
  const device = readText(options, 'device');
  const command = await api.call(getCommand, { params: { commandId } });
  const { targets } = await api.call(listCommandTargets, {
    params: { commandId },
    query: {
      limit: 500,
      ...(device === undefined ? {} : { deviceId: await findDeviceId(api, device) }),
    },
  });
  const { types } = await api.call(listCommandTypes, {});
  const type = types.find((known) => known.type === command.type);
  printer.result({ command, targets }, () => {
    const [only] = targets;
    const result = targets.length === 1 && only !== undefined ? formatResult(only, type) : '';
    return `${formatCommands([command])}${formatParameters(command, type)}\n${formatTargets(targets)}${result === '' ? '' : `\n${result}`}`;
  });
}

async function list(tools: CommandTools, options: Record<string, unknown>): Promise<void> {
  const client = await tools.client();
  const type = readText(options, 'type');
  const issuedBy = readText(options, 'by');
  const state = readChoice(options, 'state', commandStates);
  const progress = readChoice(options, 'progress', progresses);
  const device = readText(options, 'device');
  const sinceMs = readDuration(options, 'since');
  const { commands: rows } = await client.call(listCommands, {
    query: {
      ...(type === undefined ? {} : { type }),
      ...(issuedBy === undefined ? {} : { issuedBy }),
      ...(state === undefined ? {} : { state }),
      ...(progress === undefined ? {} : { progress }),
      ...(device === undefined ? {} : { deviceId: await findDeviceId(client, device) }),
      ...(sinceMs === undefined ? {} : { from: new Date(tools.context.now() - sinceMs).toISOString() }),
      limit: readInteger(options, 'limit') ?? 50,
    },
  });
  tools.printer.result(rows, () => formatCommands(rows));
}
