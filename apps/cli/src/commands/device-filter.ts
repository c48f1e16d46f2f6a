import {
  definitionOf,
  deviceEncryptionStates,
  type DeviceFilter,
  type DeviceTargets,
  filteredFields,
  plainFields,
  platforms,
  presenceStatuses,
} from '@holdfast/api';
import type { Command } from 'commander';
import { CliError } from '../cli.errors.ts';
import type { CommandTools } from '../command-tools.ts';
import { collect, readChoice, readText, readTexts } from './arguments.ts';
import { findDeviceId, findGroup } from './lookup.ts';

const plainFilters = plainFields.filter((name) => filteredFields.some((one) => one === name));

/** The options by which devices are found. */
export function withFilter(command: Command): Command {
  for (const name of plainFilters) {
    const { word, title } = definitionOf(name);
    command
      .option(`--${word} <text>`, `with this ${title.toLowerCase()}, capitals or not`)
      .option(`--no-${word}`, `without ${title.toLowerCase()}`);
  }
  return command
    .option('--group <group>', 'only this group, e.g. Berlin/Sales')
    .option('--no-subgroups', 'without the devices of its subgroups')
    .option(
      '--search <text>',
      'part of name, address, system or another text; tag:x for tags that begin with x',
    )
    .option('--status <status>', presenceStatuses.join(', '))
    .option('--platform <platform>', platforms.join(', '))
    .option('--encryption <state>', deviceEncryptionStates.join(', '))
    .option('--agent-version <version>', 'exactly this version of the agent')
    .option('--tag <tag>', 'with this tag; may be repeated, then with all of them', collect)
    .option('--without-tag <tag>', 'without this tag; may be repeated', collect);
}

/** What those options say; empty when none was given. */
export async function readFilter(
  tools: CommandTools,
  options: Record<string, unknown>,
): Promise<DeviceFilter> {
  const group = readText(options, 'group');
  const search = readText(options, 'search');
  const status = readChoice(options, 'status', presenceStatuses);
  const platform = readChoice(options, 'platform', platforms);
  const encryption = readChoice(options, 'encryption', deviceEncryptionStates);
  const agentVersion = readText(options, 'agentVersion');
  const tag = readTexts(options, 'tag');
  const withoutTag = readTexts(options, 'withoutTag');
  return {
    ...(group === undefined ? {} : { groupId: (await findGroup(await tools.client(), group)).id }),
    ...(options['subgroups'] === false ? { withSubgroups: false } : {}),
    ...(search === undefined ? {} : { search }),
    ...(status === undefined ? {} : { status }),
    ...(platform === undefined ? {} : { platform }),
    ...(encryption === undefined ? {} : { encryption }),
    ...(agentVersion === undefined ? {} : { agentVersion }),
    ...Object.fromEntries(
      plainFilters.flatMap((name) => {
        // `--no-x` leaves false where `--x` leaves a text.
        const value = options[name] === false ? '' : readText(options, name);
        return value === undefined ? [] : [[name, value]];
      }),
    ),
    ...(tag.length === 0 ? {} : { tag }),
    ...(withoutTag.length === 0 ? {} : { withoutTag }),
  };
}

/** Devices that are named one by one, or those that the filter finds, which may be all. @throws CliError ARGUMENT_INVALID */
export async function readTargets(
  tools: CommandTools,
  options: Record<string, unknown>,
  devices: readonly string[],
): Promise<DeviceTargets> {
  const filter = await readFilter(tools, options);
  const isFiltered = Object.keys(filter).some((name) => name !== 'withSubgroups') || options['all'] === true;
  if ((devices.length === 0) !== isFiltered) {
    throw new CliError('ARGUMENT_INVALID', 'Name either devices, or a filter such as --group, or --all.');
  }
  if (devices.length === 0) return { filter };
  const client = await tools.client();
  const deviceIds: string[] = [];
  // One after the other: a server takes few calls of one key at once.
  for (const device of devices) deviceIds.push(await findDeviceId(client, device));
  return { deviceIds };
}
