import { AppError, type Clock, hasCode, toTerminalText } from '@holdfast/kernel';
import { parseEnrolmentToken } from '@holdfast/protocol';
import { createOfflineLogWriter } from '../modules/logs/index.ts';
import {
  createRegistrationStore,
  enrol,
  isWayToServer,
  type EnrolmentOutcome,
  forgetToken,
  keepToken,
  RegistrationError,
  saveWaiting,
} from '../modules/registration/index.ts';
import { isSystemdRunning } from '../modules/service/index.ts';
import { createDiskReserve } from '../platform/disk-reserve.ts';
import {
  openStateDatabase,
  openStateDatabaseOfOther,
  type StateDatabase,
} from '../platform/state-database.ts';
import { openStateFolder, type StateFolder } from '../platform/state-folder.ts';
import { awaitStateFolder } from '../platform/state-lock.ts';
import { stateVersion } from '../state-version.ts';
import type { AgentCommand } from './arguments.ts';
import type { CommandContext } from './command-context.ts';
import { createEnrolmentOptions } from './enrolment-options.ts';
import { readEnrolmentToken } from './enrolment-token-input.ts';
import { describeNextStep } from './next-step.ts';
import { formatJson } from './output.ts';

type EnrolCommand = AgentCommand & { readonly name: 'enroll' };

/** The end is left to `run`, which has the token for it. */
interface Waiting {
  readonly state: 'waiting';
  /** `running-agent`: it goes on with the token, and nothing was tried here. */
  readonly reason: 'admission' | 'server' | 'running-agent';
  readonly keyThumbprint: string | null;
  readonly addresses: readonly string[];
}

/** `enroll`: joins the server of a token. */
export async function runEnrol(command: EnrolCommand, context: CommandContext): Promise<void> {
  const { config, clock, output, signal } = context;
  const tokenText = await readEnrolmentToken({
    argument: command.token,
    tokenFile: config.tokenFile,
    standardInput: context.standardInput,
    ...(context.askSecret === undefined ? {} : { askSecret: context.askSecret }),
  });
  const outcome = await enrolInFolder(tokenText, command, context).catch((error: unknown) => {
    if (!signal.aborted) throw error;
    throw new RegistrationError('ENROLMENT_CANCELLED', 'The enrolment was interrupted.', {
      cause: error,
      remedy: 'Run the same command again to go on.',
    });
  });
  if (outcome.state === 'waiting') {
    if (command.isJson) output.data(formatJson(outcome));
    else output.message(describeWaiting(outcome));
    return;
  }
  const { registration, state } = outcome;
  const { productNumber, deviceId, groupPath } = registration.product;
  if (command.isJson) {
    const { addresses, keyThumbprint } = registration;
    output.data(
      formatJson({
        state,
        productNumber,
        deviceId,
        groupPath,
        addresses,
        keyThumbprint,
        enrolledAt: clock.now(),
      }),
    );
    return;
  }
  // Whoever has the token kept starts the agent by other means.
  const next = command.keepsToken
    ? ''
    : describeNextStep({
        calledAs: config.calledAs ?? `node ${context.programPath}`,
        isRoot: process.getuid?.() === 0,
        isSystemdRunning: isSystemdRunning(),
      });
  output.message(`${describeOutcome(outcome)}${next}`);
}

async function enrolInFolder(
  tokenText: string,
  command: EnrolCommand,
  context: CommandContext,
): Promise<EnrolmentOutcome | Waiting> {
  const { config, clock, signal } = context;
  const folder = openStateFolder(config.home);
  const startedAt = new Date(clock.now()).toISOString();
  try {
    const lock = await awaitStateFolder(folder, startedAt, signal);
    try {
      const reserve = createDiskReserve(folder.reservePath);
      const database = openStateDatabase(folder.databasePath, stateVersion, reserve);
      return await enrolOrKeep({ tokenText, command, context, folder, database }).finally(() =>
        database.close(),
      );
    } finally {
      lock.release();
    }
  } catch (error) {
    if (!hasCode(error, 'AGENT_ALREADY_RUNNING') || command.isForced) throw error;
    return await enrolBesideRunning({ tokenText, command, context, folder }, error);
  }
}

interface Attempt {
  readonly tokenText: string;
  readonly command: EnrolCommand;
  readonly context: CommandContext;
  readonly folder: StateFolder;
  readonly database: StateDatabase;
}

async function enrolOrKeep({
  tokenText,
  command,
  context,
  folder,
  database,
}: Attempt): Promise<EnrolmentOutcome | Waiting> {
  const options = await createEnrolmentOptions(context, folder, database);
  const request = { tokenText, isForced: command.isForced, waitsForApproval: command.waitsForApproval };
  try {
    const outcome = await enrol(request, options);
    forgetToken(folder.tokenPath);
    reportEnrolment(database, outcome, context.clock);
    return outcome;
  } catch (error) {
    if (!command.keepsToken || !(error instanceof AppError)) throw error;
    const isAwaited = error.code === 'APPROVAL_AWAITED';
    // Who waits to leave one server for another would go on working for the first one.
    const isFirst = createRegistrationStore(database).find() === undefined;
    if (!isFirst || !(isAwaited || (error.retry === 'safe' && isWayToServer(error)))) throw error;
    const { addresses } = parseEnrolmentToken(tokenText);
    const { code, message } = error;
    const reason = isAwaited ? 'admission' : 'server';
    if (!isAwaited) saveWaiting(database, { reason, sinceMs: context.clock.now(), addresses, code, message });
    keepToken(folder.tokenPath, tokenText);
    const keyThumbprint = isAwaited ? String(error.facts['keyThumbprint']) : null;
    return { state: 'waiting', reason, keyThumbprint, addresses };
  }
}

/** An agent that runs has its server already, or waits for it: then it goes on with the newer token. */
async function enrolBesideRunning(
  { tokenText, command, context, folder }: Omit<Attempt, 'database'>,
  isRunning: unknown,
): Promise<EnrolmentOutcome | Waiting> {
  const database = openStateDatabaseOfOther(folder.databasePath, stateVersion);
  if (database === undefined) throw isRunning;
  try {
    if (createRegistrationStore(database).find() !== undefined) {
      const request = { tokenText, isForced: false, waitsForApproval: false };
      return await enrol(request, await createEnrolmentOptions(context, folder, database));
    }
    if (!command.keepsToken) throw isRunning;
    const { addresses } = parseEnrolmentToken(tokenText);
    keepToken(folder.tokenPath, tokenText);
    return { state: 'waiting', reason: 'running-agent', keyThumbprint: null, addresses };
  } finally {
    database.close();
  }
}

/** The agent sends it when it runs. */
export function reportEnrolment(
  database: StateDatabase,
  { state, registration, isStateReplaced }: EnrolmentOutcome,
  clock: Clock,
): void {
  if (state === 'already-enrolled') return;
  const events = createOfflineLogWriter(database, clock);
  if (isStateReplaced) events.record('state-database-repaired');
  const { productNumber, deviceId } = registration.product;
  events.record('agent-enrolled', { server: registration.addresses, productNumber, deviceId });
}

function describeWaiting({ reason, keyThumbprint, addresses }: Waiting): string {
  const at = toTerminalText(addresses.join(', '));
  if (reason === 'running-agent')
    return `The agent that runs here goes on with this token, for the server at ${at}.\n`;
  if (reason === 'server')
    return `The server was not reached at ${at} yet. The agent keeps the token and joins as soon as it reaches it.\n`;
  return (
    `Key thumbprint: ${keyThumbprint ?? ''}\n` +
    'This computer waits for an administrator. In the console, under Enrolment, Waiting devices, the same thumbprint must stand; admit it there. The agent goes on by itself.\n'
  );
}

function describeOutcome({ state, registration, droppedReportCount }: EnrolmentOutcome): string {
  const { productNumber, groupPath } = registration.product;
  const group =
    groupPath.length === 0 ? 'the top group' : `the group ${toTerminalText(groupPath.join(' / '))}`;
  const dropped =
    droppedReportCount === 0
      ? ''
      : `Reports under the former registration that were given up: ${droppedReportCount}.\n`;
  const verb = state === 'enrolled' ? 'is now' : 'already is';
  return `${dropped}This computer ${verb} managed product ${productNumber}, in ${group}.\n`;
}
