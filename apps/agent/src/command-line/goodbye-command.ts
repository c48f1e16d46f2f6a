import { existsSync } from 'node:fs';
import { AppError, hasCode, toTerminalText } from '@holdfast/kernel';
import { sayGoodbye } from '../goodbye.ts';
import { createInventoryCollector } from '../modules/inventory/index.ts';
import { createLastRun, LastRunEnd } from '../modules/logs/index.ts';
import { createRegistrationStore, getRegisteredKey } from '../modules/registration/index.ts';
import { openStateDatabaseOfOther, type StateDatabase } from '../platform/state-database.ts';
import {
  describeStateFolder,
  isStateFolderInUse,
  openStateFolder,
  type StateFolder,
} from '../platform/state-folder.ts';
import { lockStateFolder, type StateLock } from '../platform/state-lock.ts';
import { createStateNotes } from '../platform/state-note.ts';
import { keepIfThereIsRoom } from '../platform/state.errors.ts';
import { builtInCommandTypes, readProductFacts } from '../product-facts.ts';
import { stateVersion } from '../state-version.ts';
import { agentVersion } from '../version.ts';
import type { CommandContext } from './command-context.ts';
import { formatJson } from './output.ts';

/** With the start of the process, about 3 seconds. Whoever calls it waits for it before the next agent starts. */
const SERVER_MS = 2_000;

/** Why nothing was to be said. */
const needless = {
  'agent-runs': 'An agent runs here, so nobody speaks in its place.',
  'not-enrolled': 'This computer does not belong to a server, so there is nobody to tell.',
  'never-ran': 'No agent has run here yet, so none is missing.',
  'said-by-itself': 'The last agent said goodbye itself.',
  'said-already': 'The server has been told already that the last agent is gone.',
  'key-shared': 'Another computer uses the key of this one, so nothing is said under it.',
  'other-version': 'The state was written by another version of the agent, so nothing is said of it.',
} as const;
type Needless = keyof typeof needless;

/** What came of it: `said`, `not-said` because the server could not be told, or why there was no need. */
type Outcome =
  | { readonly outcome: 'said' | Needless }
  | { readonly outcome: 'not-said'; readonly error: AppError };

/**
 * `goodbye`: whoever watches over an agent has this said when the agent ended and could not say it itself. It ends well whether the
 * server was told or not.
 */
export async function runGoodbye(
  { isJson }: { readonly isJson: boolean },
  context: CommandContext,
): Promise<void> {
  const { output } = context;
  const result = await sayWhereNeeded(context);
  if (result.outcome === 'not-said') {
    const { code, message } = result.error;
    if (isJson) output.data(formatJson({ outcome: result.outcome, code, message }));
    else
      output.message(
        `holdfast: the server was not told that the agent is gone: ${toTerminalText(message)} (${code})\n`,
      );
    return;
  }
  const { outcome } = result;
  if (isJson) output.data(formatJson({ outcome }));
  else
    output.data(`${outcome === 'said' ? 'The server knows that the agent is gone.' : needless[outcome]}\n`);
}

async function sayWhereNeeded(context: CommandContext): Promise<Outcome> {
  const { config, clock } = context;
  // Makes no folder where there is none.
  if (!isStateFolderInUse(describeStateFolder(config.home))) return { outcome: 'not-enrolled' };
  const folder = openStateFolder(config.home);
  const lock = lockBriefly(folder, new Date(clock.now()).toISOString());
  if (lock === undefined) return { outcome: 'agent-runs' };
  try {
    if (!existsSync(folder.databasePath)) return { outcome: 'not-enrolled' };
    const database = openStateDatabaseOfOther(folder.databasePath, stateVersion);
    if (database === undefined) return { outcome: 'other-version' };
    try {
      return await sayForLastRun(database, folder, context);
    } finally {
      database.close();
    }
  } finally {
    // After the answer: the next agent starts when nothing of this is under way any more.
    lock.release();
  }
}

async function sayForLastRun(
  database: StateDatabase,
  { privateKeyPath }: StateFolder,
  { clock, platform, signal }: CommandContext,
): Promise<Outcome> {
  const registration = createRegistrationStore(database).find();
  if (registration === undefined) return { outcome: 'not-enrolled' };
  if (createStateNotes(database).find('key-shared') !== undefined) return { outcome: 'key-shared' };
  const lastRun = createLastRun({ database, clock });
  const end = lastRun.find();
  if (end !== LastRunEnd.unexpected) return { outcome: outcomes[end] };
  const key = getRegisteredKey(privateKeyPath, registration);
  const collector = createInventoryCollector({ platform, clock, agent: { version: agentVersion } });
  const facts = readProductFacts(
    await collector.findHardwareId(),
    builtInCommandTypes,
    await collector.findInstallationId?.(),
  );
  try {
    await sayGoodbye({
      database,
      registration,
      key,
      facts,
      clock,
      callTimeoutMs: registration.addresses.length > 1 ? SERVER_MS / 2 : SERVER_MS,
      signal: AbortSignal.any([signal, AbortSignal.timeout(SERVER_MS)]),
    });
  } catch (error) {
    if (error instanceof AppError) return { outcome: 'not-said', error };
    throw error;
  }
  keepIfThereIsRoom(() => lastRun.noteTold());
  return { outcome: 'said' };
}

const outcomes = {
  [LastRunEnd.never]: 'never-ran',
  [LastRunEnd.byItself]: 'said-by-itself',
  [LastRunEnd.told]: 'said-already',
} as const satisfies Record<Exclude<LastRunEnd, 'unexpected'>, Needless>;

function lockBriefly(folder: StateFolder, startedAt: string): StateLock | undefined {
  try {
    return lockStateFolder(folder, startedAt, { isBrief: true });
  } catch (error) {
    if (hasCode(error, 'AGENT_ALREADY_RUNNING')) return undefined;
    throw error;
  }
}
