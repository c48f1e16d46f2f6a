import { networkInterfaces } from 'node:os';
import type { AppError } from '@holdfast/kernel';
import { type Agent, createAgent } from '../app.ts';
import type { CommandHandler } from '../modules/commands/index.ts';
import { createInventoryCollector, summariseAddresses } from '../modules/inventory/index.ts';
import {
  createRegistrationStore,
  getRegisteredKey,
  type Registration,
  RegistrationError,
} from '../modules/registration/index.ts';
import { openStateDatabase, type StateDatabase } from '../platform/state-database.ts';
import { openStateFolder } from '../platform/state-folder.ts';
import { lockStateFolder } from '../platform/state-lock.ts';
import { createSurroundingsWatch } from '../platform/surroundings-watch.ts';
import { createLoopTimer } from '../platform/timers.ts';
import { agentVersion } from '../version.ts';
import type { CommandContext } from './command-context.ts';

/** Reading the list of interfaces costs some tens of microseconds. */
const SURROUNDINGS_CHECK_MS = 15_000;

/**
 * `run`: the agent, until the process is asked to end.
 *
 * @param moreHandlers beside the built-in commands
 */
export async function runAgent(
  context: CommandContext,
  moreHandlers: readonly CommandHandler[] = [],
): Promise<void> {
  const { config, clock, platform } = context;
  const folder = openStateFolder(config.home);
  const startedAt = new Date(clock.now()).toISOString();
  const lock = lockStateFolder(folder, startedAt);
  try {
    const database = openStateDatabase(folder.databasePath);
    try {
      const registration = getRegistration(database);
      const key = getRegisteredKey(folder.privateKeyPath, registration);
      const fatal = Promise.withResolvers<never>();
      const agent = await createAgent({
        database,
        registration,
        key,
        collector: createInventoryCollector({
          platform,
          clock,
          agent: { version: agentVersion, runtime: `Node ${process.versions.node}`, startedAt },
        }),
        clock,
        random: context.random,
        timer: createLoopTimer(),
        log: context.log,
        platform,
        onFatal: (error: AppError) => fatal.reject(error),
        moreHandlers,
      });
      await liveUntilAsked(agent, context, fatal.promise);
    } finally {
      database.close();
    }
  } finally {
    lock.release();
  }
}

async function liveUntilAsked(
  agent: Agent,
  { signal, clock }: CommandContext,
  fatal: Promise<never>,
): Promise<void> {
  const surroundings = createSurroundingsWatch(clock, readAddresses);
  const watch = setInterval(() => {
    if (surroundings.look()) agent.loop.notifySurroundingsChange();
  }, SURROUNDINGS_CHECK_MS);
  try {
    agent.start();
    await Promise.race([waitForAbort(signal), fatal]);
  } finally {
    clearInterval(watch);
    await agent.stop();
  }
}

function readAddresses(): string | undefined {
  try {
    return summariseAddresses(networkInterfaces());
  } catch {
    // A sandbox may forbid the question. The agent then finds out by its heartbeats.
    return undefined;
  }
}

function waitForAbort(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function getRegistration(database: StateDatabase): Registration {
  const registration = createRegistrationStore(database).find();
  if (registration !== undefined) return registration;
  throw new RegistrationError('NOT_ENROLLED', 'This computer does not belong to a server yet.', {
    remedy: 'Create an enrolment token in the console and run `holdfast agent enroll` with it.',
  });
}
