import { createOfflineEventLog } from '../modules/logs/index.ts';
import { createInventoryCollector } from '../modules/inventory/index.ts';
import { enrol, type EnrolmentOutcome, RegistrationError } from '../modules/registration/index.ts';
import { isSystemdRunning } from '../modules/service/index.ts';
import { type Clock, toTerminalText } from '@holdfast/kernel';
import { createDiskReserve } from '../platform/disk-reserve.ts';
import { openStateDatabase, type StateDatabase } from '../platform/state-database.ts';
import { openStateFolder } from '../platform/state-folder.ts';
import { awaitStateFolder } from '../platform/state-lock.ts';
import { createWait } from '../platform/timers.ts';
import { builtInCommandTypes, readProductFacts } from '../product-facts.ts';
import { agentVersion } from '../version.ts';
import type { AgentCommand } from './arguments.ts';
import type { CommandContext } from './command-context.ts';
import { readEnrolmentToken } from './enrolment-token-input.ts';
import { describeNextStep } from './next-step.ts';
import { formatJson } from './output.ts';
import { stateVersion } from '../state-version.ts';

type EnrolCommand = AgentCommand & { readonly name: 'enroll' };

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
  const { registration, state } = outcome;
  const { productNumber, deviceId, groupPath } = registration.product;
  if (command.isJson) {
    const { addresses } = registration;
    output.data(
      formatJson({ state, productNumber, deviceId, groupPath, addresses, enrolledAt: clock.now() }),
    );
    return;
  }
  const next = describeNextStep({
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
): Promise<EnrolmentOutcome> {
  const { config, clock, output, signal, random } = context;
  const folder = openStateFolder(config.home);
  const startedAt = new Date(clock.now()).toISOString();
  const lock = await awaitStateFolder(folder, startedAt, signal);
  try {
    const reserve = createDiskReserve(folder.reservePath);
    const database = openStateDatabase(folder.databasePath, stateVersion, reserve);
    try {
      const collector = createInventoryCollector({
        platform: context.platform,
        clock,
        agent: { version: agentVersion },
      });
      const outcome = await enrol(
        { tokenText, isForced: command.isForced, waitsForApproval: command.waitsForApproval },
        {
          database,
          privateKeyPath: folder.privateKeyPath,
          facts: readProductFacts(
            await collector.findHardwareId(),
            builtInCommandTypes,
            await collector.findInstallationId?.(),
          ),
          clock,
          random,
          wait: createWait(signal),
          onProgress: (message) => output.message(`${toTerminalText(message)}\n`),
        },
      );
      reportEnrolment(database, outcome, clock);
      return outcome;
    } finally {
      database.close();
    }
  } finally {
    lock.release();
  }
}

/** The agent sends it when it runs. */
function reportEnrolment(
  database: StateDatabase,
  { state, registration, isStateReplaced }: EnrolmentOutcome,
  clock: Clock,
): void {
  if (state === 'already-enrolled') return;
  const events = createOfflineEventLog(database, clock);
  if (isStateReplaced) events.record('state-database-repaired');
  const { productNumber, deviceId } = registration.product;
  events.record('agent-enrolled', { server: registration.addresses, productNumber, deviceId });
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
