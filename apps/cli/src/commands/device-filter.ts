import { deviceEncryptionStates, type DeviceFilter, platforms, presenceStatuses } from '@holdfast/api';
import type { Command } from 'commander';
import type { CommandTools } from '../command-tools.ts';
import { readChoice, readText } from './arguments.ts';
import { findGroup } from './lookup.ts';

/** The options by which devices are found. */
export function withFilter(command: Command): Command {
  return command
    .option('--group <group>', 'only this group, e.g. Berlin/Sales')
    .option('--no-subgroups', 'without the devices of its subgroups')
    .option('--search <text>', 'part of name, address or system')
    .option('--status <status>', presenceStatuses.join(', '))
    .option('--platform <platform>', platforms.join(', '))
    .option('--encryption <state>', deviceEncryptionStates.join(', '))
    .option('--agent-version <version>', 'exactly this version of the agent');
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
  return {
    ...(group === undefined ? {} : { groupId: (await findGroup(await tools.client(), group)).id }),
    ...(options['subgroups'] === false ? { withSubgroups: false } : {}),
    ...(search === undefined ? {} : { search }),
    ...(status === undefined ? {} : { status }),
    ...(platform === undefined ? {} : { platform }),
    ...(encryption === undefined ? {} : { encryption }),
    ...(agentVersion === undefined ? {} : { agentVersion }),
  };
}
