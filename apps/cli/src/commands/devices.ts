import {
  type BodyOf,
  definitionOf,
  type DeviceFieldName,
  deviceFieldNames,
  deviceSorts,
  type DeviceSummary,
  exportDevices,
  getDevice,
  listDevices,
  moveDevices,
  planDeviceMove,
  removeDevice,
  renameDevice,
  setDeviceFields,
  setFields,
  targetOf,
} from '@holdfast/api';
import type { Command } from 'commander';
import { CliError } from '../cli.errors.ts';
import type { AddAction, CommandTools } from '../command-tools.ts';
import { streamAnswer } from '../connection/https-transport.ts';
import { formatFacts, formatTable } from '../output/table.ts';
import { createByteWriter } from '../output/byte-writer.ts';
import { readChoice, readInteger, readText } from './arguments.ts';
import { confirm } from './confirm.ts';
import { readFilter, withFilter } from './device-filter.ts';
import { formatDevice, formatField } from './device-text.ts';
import { findDeviceId, findGroup, formatGroupPath } from './lookup.ts';

/** What a list shows unless told. */
const ordinaryColumns: readonly DeviceFieldName[] = [
  'name',
  'presence',
  'isEncrypted',
  'system',
  'address',
  'groupPath',
  'tags',
];
const columnWords = deviceFieldNames.map((name) => definitionOf(name).word);

const SCREEN_LIMIT = 100;
const PAGE_LIMIT = 500;

export function addDeviceCommands(directory: Command, addAction: AddAction): void {
  addAction(
    withFilter(directory.command('devices').description('list devices'))
      .option('--limit <n>', 'how many at most')
      .option('--all', 'all of them; a terminal shows 100 unless told')
      .option('--columns <names>', `which columns, with commas between: ${columnWords.join(', ')}`)
      .option('--sort <order>', deviceSorts.join(', '))
      .option('--descending', 'the last first')
      .addHelpText(
        'after',
        '\nExamples:\n  holdfast directory devices --group Berlin --status offline\n  holdfast directory devices --encryption not-encrypted --agent-version 0.1.0\n',
      ),
    listMatchingDevices,
  );
  addAction(
    directory.command('show').description('everything known of a device').argument('<device>', 'name or id'),
    async (tools, _options, [name = '']) => {
      const client = await tools.client();
      const details = await client.call(getDevice, {
        params: { deviceId: await findDeviceId(client, name) },
      });
      tools.printer.result(details, () => formatDevice(details, tools.context.now()));
    },
  );
  addAction(
    withFilter(
      directory.command('export').description('write all devices of a filter to standard output'),
    ).option('--format <format>', 'csv or json', 'csv'),
    async (tools, options) => {
      const { connection } = await tools.connection();
      const format = readChoice(options, 'format', ['csv', 'json'] as const) ?? 'csv';
      const target = targetOf(exportDevices, {}, { ...(await readFilter(tools, options)), format });
      const status = await streamAnswer(
        connection.server,
        connection.authorityCertificate,
        connection.apiKey,
        target,
        createByteWriter(tools.context.stdout),
      );
      if (status !== 200) throw new CliError('PROCESS_FAILED', `The server answered with status ${status}.`);
    },
  );
  addAction(
    directory
      .command('rename')
      .description('give a device a display name')
      .argument('<device>', 'name or id')
      .argument('[name]', 'new name; without it, the name that the device reports'),
    async (tools, _options, [device = '', name]) => {
      const client = await tools.client();
      const details = await client.call(renameDevice, {
        params: { deviceId: await findDeviceId(client, device) },
        body: { name: name ?? null },
      });
      tools.printer.result(details.device, () => `It is called ${details.device.name}.\n`);
    },
  );
  addAction(
    withSettableFields(
      directory
        .command('set')
        .description('set what people say of a device, or take it away')
        .argument('<device>', 'name or id'),
    ),
    async (tools, options, [device = '']) => {
      const body = readSetFields(options);
      const client = await tools.client();
      const deviceId = await findDeviceId(client, device);
      const { device: before } = await client.call(getDevice, { params: { deviceId } });
      const { device: after } = await client.call(setDeviceFields, { params: { deviceId }, body });
      tools.printer.result(after, () =>
        formatFacts(
          setFields
            .filter((name) => name in body)
            .map((name) => [
              definitionOf(name).title,
              `${after[name] || 'none'} (before: ${before[name] || 'none'})`,
            ]),
        ),
      );
    },
  );
  addAction(
    directory
      .command('move')
      .description('move a device to another group')
      .argument('<device>', 'name or id')
      .argument('<group>', 'path or id')
      .option('--yes', 'do not ask'),
    async (tools, options, [device = '', groupText = '']) => {
      const client = await tools.client();
      const group = await findGroup(client, groupText);
      const deviceIds = [await findDeviceId(client, device)];
      const plan = await client.call(planDeviceMove, { body: { deviceIds, groupId: group.id } });
      await confirm(tools, options, plan.consequences);
      const { movedCount } = await client.call(moveDevices, {
        body: { deviceIds, groupId: group.id, planToken: plan.planToken },
      });
      tools.printer.result({ movedCount }, () => `Moved to ${formatGroupPath(group.path)}.\n`);
    },
  );
  addAction(
    directory
      .command('remove')
      .description('move a device to the recycle bin; its registration stays')
      .argument('<device>', 'name or id')
      .option('--yes', 'do not ask'),
    async (tools, options, [device = '']) => {
      const client = await tools.client();
      const deviceId = await findDeviceId(client, device);
      await confirm(tools, options, [
        'The device leaves the directory and can be restored from the recycle bin.',
      ]);
      const item = await client.call(removeDevice, { params: { deviceId } });
      tools.printer.result(item, () => `Removed. Undo: holdfast directory restore ${item.id}\n`);
    },
  );
}

function withSettableFields(command: Command): Command {
  for (const name of setFields) {
    const { word, title } = definitionOf(name);
    command.option(`--${word} <text>`, title.toLowerCase()).option(`--no-${word}`, 'take it away');
  }
  return command;
}

/** @throws CliError ARGUMENT_INVALID when nothing is to be set */
function readSetFields(options: Record<string, unknown>): BodyOf<typeof setDeviceFields> {
  const given = setFields.flatMap((name) => {
    const value = options[name] === false ? '' : readText(options, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  if (given.length > 0) return Object.fromEntries(given);
  const flags = setFields.map((name) => `--${definitionOf(name).word}`).join(' or ');
  throw new CliError('ARGUMENT_INVALID', `Say what to set, with ${flags}.`);
}

async function listMatchingDevices(tools: CommandTools, options: Record<string, unknown>): Promise<void> {
  const client = await tools.client();
  const filter = await readFilter(tools, options);
  const wanted = chooseLimit(tools, options);
  const columns = readColumns(options);
  const sort = readChoice(options, 'sort', deviceSorts);
  const order = {
    ...(sort === undefined ? {} : { sort }),
    ...(options['descending'] === true ? { order: 'descending' as const } : {}),
  };
  const devices: DeviceSummary[] = [];
  let cursor: string | null | undefined;
  let total = 0;
  do {
    const page = await client.call(listDevices, {
      query: {
        ...filter,
        ...order,
        limit: Math.min(PAGE_LIMIT, Math.max(1, wanted - devices.length)),
        ...(cursor ? { cursor } : {}),
      },
    });
    devices.push(...page.devices);
    cursor = page.nextCursor;
    total = page.count.value;
  } while (cursor !== null && devices.length < wanted);
  tools.printer.result(devices, () =>
    formatTable(
      [
        ...columns.map((name) => ({
          title: definitionOf(name).title,
          value: (device: DeviceSummary) => formatField(device, name, tools.context.now()),
        })),
        { title: 'id', value: (device) => device.id },
      ],
      devices,
    ),
  );
  if (total > devices.length)
    tools.printer.note(
      `${devices.length} of ${total} shown; --all shows the others, export writes them to a file.`,
    );
}

/** @throws CliError ARGUMENT_INVALID */
function readColumns(options: Record<string, unknown>): readonly DeviceFieldName[] {
  const text = readText(options, 'columns');
  if (text === undefined) return ordinaryColumns;
  return text.split(',').map((word) => {
    const name = deviceFieldNames.find((one) => definitionOf(one).word === word.trim());
    if (name !== undefined) return name;
    throw new CliError('ARGUMENT_INVALID', `--columns takes ${columnWords.join(', ')}, not "${word}".`);
  });
}

/** A person gets a screenful; whoever reads on, by a pipe or as JSON, gets everything. */
function chooseLimit({ context, printer }: CommandTools, options: Record<string, unknown>): number {
  const limit = readInteger(options, 'limit');
  if (limit !== undefined) return limit;
  const isScreen = context.stdout.isTTY === true && !printer.isJson;
  return isScreen && options['all'] !== true ? SCREEN_LIMIT : Number.POSITIVE_INFINITY;
}
