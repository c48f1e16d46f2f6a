import type { TestContext } from 'node:test';
import { type Clock, systemClock } from '@holdfast/kernel';
import { type FakeMcpServer, startFakeMcpServer } from '@holdfast/testkit';
import { agentModules } from '../agent-modules.ts';
import { type Agent, type AgentOptions, createAgent } from '../app.ts';
import type { AgentModule } from '../modules/agent-module.ts';
import type { CommandHandler } from '../modules/commands/index.ts';
import { createInventoryCollector } from '../modules/inventory/index.ts';
import { createRegistrationStore, getRegisteredKey } from '../modules/registration/index.ts';
import { createLog } from '../platform/log.ts';
import { openStateDatabase, type StateDatabase } from '../platform/state-database.ts';
import { describeStateFolder } from '../platform/state-folder.ts';
import { createLoopTimer, type LoopTimer } from '../platform/timers.ts';
import { createFakeComputer } from './fake-computer.ts';
import { runInProcess } from './program-in-process.ts';
import { createTemporaryFolder } from '../platform/test-folder.ts';
import { collectStateVersion } from '../state-version.ts';

export interface RunningAgent {
  readonly server: FakeMcpServer;
  readonly home: string;
  readonly agent: Agent;
  readonly database: StateDatabase;
  /** Codes of the log lines so far. */
  readonly codes: () => string[];
}

export type AgentVariant = Partial<
  Pick<
    AgentOptions,
    | 'clock'
    | 'timer'
    | 'outboxBounds'
    | 'journalBounds'
    | 'callTimeoutMs'
    | 'datagramTiming'
    | 'readFreePercent'
    | 'isSupervised'
    | 'programRelease'
    | 'mayListen'
    | 'onRestart'
    | 'collector'
    | 'computer'
    | 'database'
  >
> & {
  readonly server?: FakeMcpServer;
  /** Beside the built-in ones. */
  readonly moreModules?: readonly AgentModule[];
  readonly moreHandlers?: readonly CommandHandler[];
  /** Changes the server's state before the agent starts. */
  readonly prepare?: (server: FakeMcpServer) => void;
};

/** Waits for lost datagrams would make up most of a test. */
const quick = { acknowledgementWaitsMs: () => [100, 100] as const, probeWaitsMs: [50, 50, 100] };

/** A timer that waits no longer than this, however long it is told to. */
export function createHastyTimer(maxMs: number): LoopTimer {
  const timer = createLoopTimer();
  return { ...timer, set: (delayMs, callback) => timer.set(Math.min(maxMs, delayMs), callback) };
}

/** A server, and an agent that is enrolled there and not started. */
export async function createRunningAgent(t: TestContext, variant: AgentVariant = {}): Promise<RunningAgent> {
  const { server: given, prepare, ...options } = variant;
  const server = given ?? (await startFakeMcpServer());
  if (given === undefined) t.after(() => server.close());
  server.state.intervalMs = 1_000;
  const home = createTemporaryFolder(t);
  const enrolled = await runInProcess(['enroll', server.token], { home });
  if (enrolled.code !== 0) throw new Error(enrolled.stderr);
  prepare?.(server);
  return await openAgent(t, server, home, options);
}

/** An agent on a folder that is enrolled already. */
export async function openAgent(
  t: TestContext,
  server: FakeMcpServer,
  home: string,
  options: Omit<AgentVariant, 'server' | 'prepare'> = {},
): Promise<RunningAgent> {
  return { server, ...(await openEnrolledAgent(t, home, options)) };
}

/** The same, whatever the server is. */
export async function openEnrolledAgent(
  t: TestContext,
  home: string,
  variant: Omit<AgentVariant, 'server' | 'prepare'> = {},
): Promise<Omit<RunningAgent, 'server'>> {
  const { moreModules = [], moreHandlers = [], ...options } = variant;
  const modules: readonly AgentModule[] = [
    ...agentModules,
    ...moreModules,
    { name: 'more', create: () => ({ commands: moreHandlers }) },
  ];
  const clock: Clock = options.clock ?? systemClock;
  const folder = describeStateFolder(home);
  const database = options.database ?? openStateDatabase(folder.databasePath, collectStateVersion(modules));
  const registration = createRegistrationStore(database).find();
  if (registration === undefined) throw new Error('not enrolled');
  const key = getRegisteredKey(folder.privateKeyPath, registration);
  const lines: string[] = [];
  const agent = await createAgent({
    modules,
    database,
    registration,
    key,
    collector: createInventoryCollector({ platform: process.platform, clock, agent: { version: '0.1.0' } }),
    clock,
    random: Math.random,
    timer: createLoopTimer(),
    log: createLog({ clock, level: 'debug', write: (line) => lines.push(line) }),
    platform: process.platform,
    home,
    isSupervised: true,
    computer: createFakeComputer(),
    onRestart: () => undefined,
    onFatal: (error) => {
      throw error;
    },
    datagramTiming: quick,
    ...options,
  });
  t.after(async () => {
    await agent.stop();
    database.close();
  });
  const codes = () => lines.map((line) => String((JSON.parse(line) as { code: unknown }).code));
  return { home, agent, database, codes };
}
