import { networkInterfaces } from 'node:os';
import { type AppError, hasCode } from '@holdfast/kernel';
import { type Agent, createAgent } from '../app.ts';
import { agentModules } from '../agent-modules.ts';
import type { AgentModule } from '../modules/agent-module.ts';
import { createInventoryCollector, summariseAddresses } from '../modules/inventory/index.ts';
import { StopReason } from '../modules/logs/index.ts';
import {
  createRegistrationStore,
  enrolInBackground,
  forgetToken,
  getRegisteredKey,
  type Registration,
} from '../modules/registration/index.ts';
import { createDiskReserve } from '../platform/disk-reserve.ts';
import { openStateDatabase, type StateDatabase } from '../platform/state-database.ts';
import { openStateFolder, type StateFolder } from '../platform/state-folder.ts';
import { awaitStateFolder, type StateLock } from '../platform/state-lock.ts';
import { createSurroundingsWatch } from '../platform/surroundings-watch.ts';
import { createLoopTimer } from '../platform/timers.ts';
import { readDeviceName } from '../product-facts.ts';
import { agentVersion } from '../version.ts';
import type { CommandContext } from './command-context.ts';
import { reportEnrolment } from './enrol-command.ts';
import { createEnrolmentOptions } from './enrolment-options.ts';
import { reportRefusedInstance } from './refused-instance.ts';
import { collectStateVersion } from '../state-version.ts';

/** Reading the list of interfaces costs some tens of microseconds. */
const SURROUNDINGS_CHECK_MS = 15_000;

/** Why `run` ended: somebody asked for it, or a command asked for another process. */
export type RunEnd = 'asked' | 'restart';

/**
 * `run`: the agent, until the process is asked to end.
 *
 * @param modules what it can do
 */
export async function runAgent(
  context: CommandContext,
  modules: readonly AgentModule[] = agentModules,
): Promise<RunEnd> {
  const { config, clock, platform } = context;
  const folder = openStateFolder(config.home);
  const startedAt = new Date(clock.now()).toISOString();
  const lock = await takeFolder(folder, startedAt, context);
  try {
    const reserve = createDiskReserve(folder.reservePath);
    const database = openStateDatabase(folder.databasePath, collectStateVersion(modules), reserve);
    try {
      const registration = await findOrAwaitRegistration(context, folder, database);
      if (registration === undefined) return 'asked';
      const key = getRegisteredKey(folder.privateKeyPath, registration);
      const end = Promise.withResolvers<'restart'>();
      const agent = await createAgent({
        modules,
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
        home: folder.path,
        isSupervised: context.isSupervised,
        programRelease: config.programRelease,
        runtimePath: context.runtimePath,
        computer: context.computer,
        mayListen: config.mayListen,
        onFatal: (error: AppError) => end.reject(error),
        onRestart: () => end.resolve('restart'),
        onRoom: () => lock.describe(),
      });
      return await liveUntilEnd(agent, context, end.promise);
    } finally {
      database.close();
    }
  } finally {
    lock.release();
  }
}

async function liveUntilEnd(
  agent: Agent,
  { signal, clock }: CommandContext,
  end: Promise<'restart'>,
): Promise<RunEnd> {
  const surroundings = createSurroundingsWatch(clock, readAddresses);
  let name = readDeviceName();
  const watch = setInterval(() => {
    const { isWorthALook, leapMs, hasMoved } = surroundings.look();
    if (leapMs !== 0) agent.events.record('clock-leapt', { leapMs });
    if (hasMoved) agent.events.record('address-changed');
    if (isWorthALook) agent.loop.notifySurroundingsChange();
    if (agent.followAddresses()) agent.loop.notifySurroundingsChange();
    const newName = readDeviceName();
    if (newName === name) return;
    agent.events.record('name-changed', { from: name, to: newName });
    name = newName;
    // The facts say it; a handshake would cost the connection that there is.
    agent.loop.want('inventory');
  }, SURROUNDINGS_CHECK_MS);
  let reason: StopReason = StopReason.fault;
  try {
    agent.start();
    const ended = await Promise.race([waitForAbort(signal), end]);
    reason = ended === 'restart' ? StopReason.restartCommand : StopReason.asked;
    return ended;
  } finally {
    clearInterval(watch);
    await agent.stop(reason);
  }
}

/** The second agent on a folder is refused, and the server is told, at most once an hour. */
async function takeFolder(
  folder: StateFolder,
  startedAt: string,
  { clock, signal }: CommandContext,
): Promise<StateLock> {
  try {
    return await awaitStateFolder(folder, startedAt, signal);
  } catch (error) {
    if (hasCode(error, 'AGENT_ALREADY_RUNNING')) reportRefusedInstance(folder, clock);
    throw error;
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

function waitForAbort(signal: AbortSignal): Promise<'asked'> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('asked');
    else signal.addEventListener('abort', () => resolve('asked'), { once: true });
  });
}

/** @returns undefined when the process is to end before the computer belongs to a server */
async function findOrAwaitRegistration(
  context: CommandContext,
  folder: StateFolder,
  database: StateDatabase,
): Promise<Registration | undefined> {
  const registration = createRegistrationStore(database).find();
  if (registration !== undefined) {
    // Whoever kept it, or a process that was ended between joining and forgetting: it has nothing to do here any more.
    forgetToken(folder.tokenPath);
    return registration;
  }
  const { log, clock, signal } = context;
  try {
    const outcome = await enrolInBackground({
      ...(await createEnrolmentOptions(context, folder, database)),
      tokenPath: folder.tokenPath,
      onProgress: () => undefined,
      onWaiting: ({ code, message }) => log.info(code, message),
    });
    reportEnrolment(database, outcome, clock);
    return outcome.registration;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
