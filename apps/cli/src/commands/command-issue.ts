import {
  type ApiClient,
  ApiError,
  type Command as IssuedCommand,
  type CommandPlan,
  type CommandType,
  getCommand,
  issueCommand,
  listCommandTypes,
  planCommand,
  retriableStates,
  retryCommand,
} from '@holdfast/api';
import { CliError, type ExitCode } from '../cli.errors.ts';
import type { CommandTools } from '../command-tools.ts';
import { readDuration, readText } from './arguments.ts';
import { follow } from './command-follow.ts';
import { describeWaits } from './command-forecast.ts';
import { readParameters } from './command-parameters.ts';
import { confirm } from './confirm.ts';
import { readTargets } from './device-filter.ts';

export async function issue(
  tools: CommandTools,
  options: Record<string, unknown>,
  [type = '', ...devices]: readonly string[],
): Promise<ExitCode> {
  const client = await tools.client();
  const targets = await readTargets(tools, options, devices);
  const expiresInMs = readDuration(options, 'expires');
  const commandType = await findType(client, type);
  const parameters = readParameters(options['set'], commandType?.parametersSchema);
  const isUrgent = options['urgent'] === true;
  const expiryMs = expiresInMs ?? commandType?.defaultExpiryMs;
  // A plan is dear for the server: one answers both questions.
  let asked: Promise<CommandPlan> | undefined;
  const plan = (): Promise<CommandPlan> => (asked ??= client.call(planCommand, { body: { targets, type } }));
  if (!isUrgent && expiryMs !== undefined) await tellWaits(tools, plan, expiryMs);
  const where = devices.length === 1 ? devices[0] : undefined;
  await confirmReach(tools, options, commandType ?? describeUnknown(type), async () => {
    const { devices: count } = await plan();
    return { count, where: where ?? describePlace(count, readText(options, 'group')) };
  });
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

export async function retry(
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
  const first = await client.call(getCommand, { params: { commandId } });
  await confirmReach(
    tools,
    options,
    (await findType(client, first.type)) ?? describeUnknown(first.type),
    () => {
      const count = countOf(first, states ?? retriableStates);
      return { count, where: describePlace(count, undefined) };
    },
  );
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

async function findType(client: ApiClient, type: string): Promise<CommandType | undefined> {
  const { types } = await client.call(listCommandTypes, {});
  return types.find((known) => known.type === type);
}

/** A command of somebody else's product: whoever gives it may know what it does, and is asked. */
function describeUnknown(type: string): Pick<CommandType, 'title' | 'description' | 'reach'> {
  return { title: type, description: 'This server does not know what it does.', reach: 'disruptive' };
}

/** Asks before anything goes out that somebody at a device notices; of the worst on many devices, for their number. */
async function confirmReach(
  tools: CommandTools,
  options: Record<string, unknown>,
  type: Pick<CommandType, 'title' | 'description' | 'reach'>,
  findTargets: () => Promise<Aim> | Aim,
): Promise<void> {
  if (type.reach === 'harmless' || options['yes'] === true) return;
  const { count, where } = await findTargets();
  const word = type.reach === 'destructive' && count > 1 ? String(count) : undefined;
  await confirm(tools, options, [`${type.title} on ${where}. ${type.description}`], word);
}

interface Aim {
  readonly count: number;
  /** "laptop-17", "1,602 devices of group Berlin". */
  readonly where: string;
}

function describePlace(count: number, group: string | undefined): string {
  const devices = count === 1 ? '1 device' : `${count.toLocaleString('en')} devices`;
  return group === undefined ? devices : `${devices} of group ${group}`;
}

function countOf({ counts }: IssuedCommand, states: readonly (typeof retriableStates)[number][]): number {
  return states.reduce((sum, state) => sum + counts[state], 0);
}

/** Says before the order who gets it only later. */
async function tellWaits(
  { context, printer }: CommandTools,
  plan: () => Promise<CommandPlan>,
  expiryMs: number,
): Promise<void> {
  // A script reads the waiting devices from the command itself.
  if (printer.isJson) return;
  try {
    const { waits } = await plan();
    const nowMs = context.now();
    for (const sentence of describeWaits(waits, nowMs, nowMs + expiryMs)) printer.note(sentence);
  } catch (error) {
    // What is refused here the order itself is refused for as well, and that is what the person asked for.
    if (!(error instanceof ApiError)) throw error;
  }
}
