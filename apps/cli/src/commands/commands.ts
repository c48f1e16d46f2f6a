import {
  type ApiClient,
  ApiError,
  type BodyOf,
  cancelCommand,
  type Command as IssuedCommand,
  commandStates,
  getCommand,
  issueCommand,
  listCommands,
  listCommandTargets,
  listCommandTypes,
  planCommand,
  retriableStates,
  retryCommand,
} from '@holdfast/api';
import type { Command } from 'commander';
import { CliError, ExitCode } from '../cli.errors.ts';
import type { CommandTools } from '../command-tools.ts';
import { createProgress } from '../output/progress.ts';
import { formatTable } from '../output/table.ts';
import type { AddAction } from '../program.ts';
import { collect, readChoice, readDuration, readInteger, readText } from './arguments.ts';
import { describeCancelledAtOnce, describeWaits } from './command-forecast.ts';
import { readParameters } from './command-parameters.ts';
import { readTargets, withFilter } from './device-filter.ts';
import { findDeviceId } from './lookup.ts';

const pollIntervalMs = 500;
const progresses = ['in-progress', 'finished', 'with-failures'] as const;

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
    withFilter(
      commands
        .command('issue')
        .description('order something from devices, from a group, or from all that a filter finds')
        .argument('<type>', 'from `commands types`, e.g. collect-inventory')
        .argument('[devices...]', 'names or ids'),
    )
      .option('--all', 'every device that you may order something from')
      .option('--set <name=value>', 'a parameter of the command; may be repeated', collect, [])
      .option('--urgent', 'also in idle hours; otherwise devices get it when their working hours begin')
      .option('--expires <duration>', 'give up on devices that do not come in time')
      .option('--wait', 'stay until every device has finished')
      .addHelpText(
        'after',
        '\nExamples:\n  holdfast commands issue collect-inventory laptop-17 --wait\n  holdfast commands issue collect-inventory --group Berlin\n  holdfast commands issue set-log-level --set level=debug --set forMinutes=30 --search kiosk --urgent\n',
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
      .option('--wait', 'stay until every device has finished'),
    retry,
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
              {
                title: 'detail',
                value: (row) => (row.waitsFor === null ? row.detail : 'waits for working hours'),
              },
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
  const targets = await readTargets(tools, options, devices);
  const expiresInMs = readDuration(options, 'expires');
  const { types } = await client.call(listCommandTypes, {});
  const commandType = types.find((known) => known.type === type);
  const parameters = readParameters(options['set'], commandType?.parametersSchema);
  const isUrgent = options['urgent'] === true;
  const expiryMs = expiresInMs ?? commandType?.defaultExpiryMs;
  if (!isUrgent && expiryMs !== undefined) await tellWaits(tools, client, targets, expiryMs);
  const command = await client.call(issueCommand, {
    body: {
      type,
      targets,
      parameters,
      isUrgent,
      ...(expiresInMs === undefined ? {} : { expiresInMs }),
    },
  });
  return await follow(tools, client, command, options['wait'] === true);
}

/** Says before the order who gets it only later. */
async function tellWaits(
  { context, printer }: CommandTools,
  client: ApiClient,
  targets: BodyOf<typeof planCommand>['targets'],
  expiryMs: number,
): Promise<void> {
  // A script reads the waiting devices from the command itself.
  if (printer.isJson) return;
  try {
    const { waits } = await client.call(planCommand, { body: { targets } });
    const nowMs = context.now();
    for (const sentence of describeWaits(waits, nowMs, nowMs + expiryMs)) printer.note(sentence);
  } catch (error) {
    // What is refused here the order itself is refused for as well, and that is what the person asked for.
    if (!(error instanceof ApiError)) throw error;
  }
}

async function retry(
  tools: CommandTools,
  options: Record<string, unknown>,
  [commandId = '']: readonly string[],
): Promise<ExitCode> {
  const client = await tools.client();
  const expiresInMs = readDuration(options, 'expires');
  const states = readText(options, 'after')
    ?.split(',')
    .map((text) => {
      const state = retriableStates.find((known) => known === text.trim());
      if (state !== undefined) return state;
      throw new CliError(
        'ARGUMENT_INVALID',
        `--after takes some of ${retriableStates.join(',')}, not "${text}".`,
      );
    });
  const isUrgent = options['urgent'];
  const command = await client.call(retryCommand, {
    params: { commandId },
    body: {
      ...(states === undefined ? {} : { states }),
      ...(typeof isUrgent === 'boolean' ? { isUrgent } : {}),
      ...(expiresInMs === undefined ? {} : { expiresInMs }),
    },
  });
  return await follow(tools, client, command, options['wait'] === true);
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

/** Prints what was issued, or stays with it until it has ended everywhere. */
async function follow(
  tools: CommandTools,
  client: ApiClient,
  command: IssuedCommand,
  isWaiting: boolean,
): Promise<ExitCode> {
  const cancelled = describeCancelledAtOnce(command);
  if (cancelled !== undefined) tools.printer.note(cancelled);
  if (!isWaiting) {
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
  return counts.queued + counts.delivered + counts.accepted + counts.running + counts.cancelling;
}

function formatCommands(rows: readonly IssuedCommand[]): string {
  return formatTable(
    [
      { title: 'id', value: (row) => row.id },
      { title: 'command', value: (row) => (row.isUrgent ? `${row.title} (urgent)` : row.title) },
      { title: 'target', value: (row) => row.target },
      { title: 'issued', value: (row) => `${row.issuedAt} by ${row.issuedBy}` },
      { title: 'succeeded', value: (row) => String(row.counts.succeeded), alignment: 'right' },
      { title: 'failed', value: (row) => String(row.counts.failed), alignment: 'right' },
      { title: 'expired', value: (row) => String(row.counts.expired), alignment: 'right' },
      { title: 'cancelled', value: (row) => String(row.counts.cancelled), alignment: 'right' },
      { title: 'in progress', value: (row) => String(inProgress(row)), alignment: 'right' },
      { title: 'all', value: (row) => String(row.counts.total), alignment: 'right' },
    ],
    rows,
  );
}
