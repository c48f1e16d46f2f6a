import { join } from 'node:path';
import { createFolderStore } from '@holdfast/components/client';
import type { AppError, Clock } from '@holdfast/kernel';
import {
  cancellationVersion,
  createMcpClient,
  type DatagramTiming,
  type McpClient,
  type NotificationHandling,
} from '@holdfast/protocol';
import type { ProductKey } from '@holdfast/trust';
import type { AgentModule, Computer, ModuleNeeds } from './modules/agent-module.ts';
import { runErrands } from './modules/commands/commands.module.ts';
import { type Commands, createCommands } from './modules/commands/index.ts';
import { createDiskRoom } from './modules/disk-room/index.ts';
import {
  createHeartbeatContent,
  type HeartbeatPart,
  type ReadFreePercent,
} from './modules/heartbeat/index.ts';
import { createInventoryDelivery, type InventoryCollector } from './modules/inventory/index.ts';
import {
  createAgreementWatch,
  createLogWriter,
  createJournalId,
  createJournals,
  createLogDelivery,
  createLogLevelSetting,
  createRunRecord,
  createServerWatch,
  type LogWriter,
  type JournalBounds,
  type JournalName,
  StopReason,
} from './modules/logs/index.ts';
import { type AgentLoop, createAgentLoop } from './modules/loop/index.ts';
import { createRefusalWatch } from './modules/refusals/index.ts';
import { createStreamKeeper, reactToNotification } from './modules/notification/index.ts';
import { createOutbox, createReportDelivery, type OutboxBounds } from './modules/outbox/index.ts';
import {
  createAddressBook,
  createKeyRenewal,
  createProductMemory,
  createRegistrationStore,
  findTrustedRepository,
  type KeyRenewal,
  type ProductMemory,
  type Registration,
} from './modules/registration/index.ts';
import { createConnectionHistory } from './modules/status/index.ts';
import { createComponentSources, createServerSource } from './modules/updates/index.ts';
import { type AdjustableLog, codeOf, describeError } from './platform/log.ts';
import { assertMigrated, type StateDatabase } from './platform/state-database.ts';
import { describeStateFolder } from './platform/state-folder.ts';
import { createLoopTimer, type LoopTimer, settlesWithin } from './platform/timers.ts';
import { readProductFacts } from './product-facts.ts';
import { agentVersion } from './version.ts';

/** What is under way at a stop, a command above all, gets this long; after it the next start deals with it. */
const LAST_WORK_MS = 1_200;
/** Then the last reports. What they do not reach in time waits on the disk for the next start. */
const LAST_REPORTS_MS = 1_200;
/** Then the goodbye. Together below the 5 seconds in which the agent ends. */
const GOODBYE_MS = 2_000;

export interface AgentOptions {
  /** What the agent can do. */
  readonly modules: readonly AgentModule[];
  /** Made with the tables of these modules. */
  readonly database: StateDatabase;
  readonly registration: Registration;
  readonly key: ProductKey;
  readonly collector: InventoryCollector;
  readonly clock: Clock;
  readonly random: () => number;
  readonly timer: LoopTimer;
  readonly log: AdjustableLog;
  readonly platform: NodeJS.Platform;
  /** State folder. */
  readonly home: string;
  /** Something starts the agent again when it ends. */
  readonly isSupervised: boolean;
  /** Of the program, where something would go back from it. */
  readonly programRelease?: number | undefined;
  readonly runtimePath?: string;
  readonly computer: Computer;
  /** False: it opens no port, whatever the server asks for. */
  readonly mayListen?: boolean;
  readonly onFatal: (error: AppError) => void;
  /** A command asks for the end of this process; whatever watches over it starts the next. */
  readonly onRestart: () => void;
  /** The disk of the state folder was full and has room again. */
  readonly onRoom?: () => void;
  readonly outboxBounds?: OutboxBounds;
  readonly journalBounds?: Readonly<Record<JournalName, JournalBounds>>;
  readonly datagramTiming?: DatagramTiming;
  readonly callTimeoutMs?: number;
  readonly readFreePercent?: ReadFreePercent;
}

export interface Agent {
  readonly loop: AgentLoop;
  readonly commandTypes: readonly string[];
  /** What happens around the agent is reported here. */
  readonly events: LogWriter;
  start(): void;
  /** Somebody may have told this device other addresses of the server. Answers whether they are others than before. */
  followAddresses(): boolean;
  /** Says goodbye, within 5 seconds. The database stays open. */
  stop(reason?: StopReason): Promise<void>;
}

/** Puts the running agent together. */
export async function createAgent(options: AgentOptions): Promise<Agent> {
  const { database, registration, collector, clock, log } = options;
  for (const { name, migrations = [] } of options.modules) assertMigrated(database, name, migrations);
  const levelSetting = createLogLevelSetting({ database, clock, configured: log.level });
  log.followLevel(() => levelSetting.current());
  const journals = createJournals({
    database,
    clock,
    createId: () => createJournalId(clock),
    ...(options.journalBounds === undefined ? {} : { bounds: options.journalBounds }),
  });
  const events = createLogWriter({
    database,
    journals,
    clock,
    log,
    findLevel: () => levelSetting.currentOfJournal(),
    onEntry: (urgency) => (urgency === 'at-once' ? loop.want('logs') : loop.wantSoon('logs')),
  });
  const runRecord = createRunRecord({ database, events, clock, version: agentVersion });
  const serverWatch = createServerWatch(events, clock);
  const agreementWatch = createAgreementWatch(events);
  const history = createConnectionHistory({ database, clock, log });
  const refusals = createRefusalWatch({ database, clock, log, events });
  const hardwareId = await collector.findHardwareId();
  const installationId = await collector.findInstallationId?.();
  const memory = createProductMemory(database);
  const diskRoom = createDiskRoom({
    database,
    clock,
    log,
    events,
    onRoom: () => {
      memory.writeLate();
      options.onRoom?.();
    },
  });
  const renewal = createKeyRenewal({
    ...options,
    events,
    privateKeyPath: describeStateFolder(options.home).privateKeyPath,
  });
  const client = createServerClient(
    options,
    { renewal, memory },
    {
      mayListen: options.mayListen ?? true,
      onNotification: (notification) => reactToNotification(notification, loop, log),
      onListenerRefusal: (refusal, port) => {
        agreementWatch.noteRefusedPort(port, refusal);
        log.info('NOT_LISTENING', 'The server wants to call this agent at a port that it does not open.', {
          refusal,
          port,
        });
      },
    },
  );
  const addresses = createAddressBook({ database, registration, client });
  let returnSpreadMs = 0;
  const stream = createStreamKeeper({
    hold: async (onOpen) =>
      await refusals.watch('notifications', async () => {
        await client.holdStream(() => {
          refusals.noteTaken('notifications');
          onOpen();
        });
      }),
    timer: createLoopTimer(),
    random: options.random,
    findReturnSpreadMs: () => returnSpreadMs,
    onHandshakeNeeded: () => loop.shakeHandsAgain(),
    log,
  });
  const outbox = createOutbox({
    database,
    clock,
    log,
    isProgressWanted: () => client.serverVersion >= cancellationVersion,
    ...(options.outboxBounds === undefined ? {} : { bounds: options.outboxBounds }),
  });
  // A refusal of what a module asks for is remembered and told.
  const moduleClient: ModuleNeeds['client'] = {
    claimCommands: async (max) =>
      await refusals.watch('commands', async () => await client.claimCommands(max)),
    sendReports: async (reports) =>
      await refusals.watch('reports', async () => await client.sendReports(reports)),
    sendLogs: async (...call) => await refusals.watch('logs', async () => await client.sendLogs(...call)),
    putInventory: async (facts) =>
      await refusals.watch('inventory', async () => await client.putInventory(facts)),
    putComponentStates: async (states) =>
      await refusals.watch('components', async () => await client.putComponentStates(states)),
    get serverVersion() {
      return client.serverVersion;
    },
  };
  const serverSource = createServerSource(() => client.fileAccess);
  const needs: ModuleNeeds = {
    database,
    clock,
    random: options.random,
    log,
    platform: options.platform,
    home: options.home,
    version: agentVersion,
    client: moduleClient,
    events,
    journals,
    levelSetting,
    refusals,
    connection: history,
    diskRoom,
    inventory: createInventoryDelivery({ collector, client: moduleClient, database, events, clock }),
    logDelivery: createLogDelivery({
      journals,
      client: moduleClient,
      log,
      isIdle: () => loop.state.isIdle,
      onGivenUp: (error) => refusals.noteGivenUp('logs', error),
    }),
    reportDelivery: createReportDelivery({
      outbox,
      client: moduleClient,
      log,
      onGivenUp: (error) => refusals.noteGivenUp('reports', error),
      onSettled: (settled) => commands.settle(settled),
      onUploaded: () => {
        for (const errand of runErrands) loop.want(errand);
      },
    }),
    componentSources: createComponentSources(serverSource, database),
    repositoryStore: createFolderStore(join(options.home, 'repository', findTrustedRepository(database))),
    stream,
    computer: options.computer,
    readFreePercent: options.readFreePercent,
    isSupervised: options.isSupervised,
    programRelease: options.programRelease,
    runtimePath: options.runtimePath ?? process.execPath,
    onRestart: options.onRestart,
    getCommands: () => commands,
    getLoop: () => loop,
  };
  const modules = options.modules.map((module) => module.create(needs));
  const commands: Commands = createCommands({
    database,
    outbox,
    handlers: modules.flatMap((module) => module.commands ?? []),
    clock,
    log,
    events,
    findServerNow: () => history.findServerNow(),
    isConnected: () => loop.state.phase === 'connected',
    onReport: (urgency) => (urgency === 'at-once' ? loop.want('upload') : loop.wantSoon('upload')),
  });
  const errands = modules.flatMap((module) => module.errands ?? []);
  let hasStarted = false;
  const loop: AgentLoop = createAgentLoop({
    calls: {
      handshake: async () => {
        const facts = readProductFacts(hardwareId, commands.types, installationId);
        const outcome = await refusals.watch(
          'handshake',
          async () => await renewal.shakeHands(facts, () => client.handshake(facts)),
        );
        returnSpreadMs = outcome.returnSpreadMs;
        if (addresses.learn(outcome.addresses)) {
          events.record('server-addresses-changed', { addresses: outcome.addresses });
        }
        return outcome;
      },
      negotiateTransport: async () => {
        const answer = await refusals.watch('transport', async () => await client.negotiateTransport());
        const { transport, reason, mode = 'one-way', modeReason = '' } = answer;
        agreementWatch.note({ server: history.current.serverAddress, mode, transport, reason });
        history.update({ mode, modeReason });
        if (mode !== 'two-way-held') refusals.forget('notifications');
        stream.keep(mode === 'two-way-held');
        return answer;
      },
      sendHeartbeat: async (needs) => {
        const content = await createContent({ isGoingAway: false });
        return await refusals.watch(
          'heartbeat',
          async () => await client.sendHeartbeat(content, needs),
          ({ acknowledgement }) => acknowledgement !== undefined,
        );
      },
      farewell,
    },
    errands,
    timer: options.timer,
    clock,
    random: options.random,
    history,
    log,
    isTold: (error) => refusals.hasTold(error),
    onFatal: options.onFatal,
  });
  loop.listen((event, _, after) => {
    const isAnswer = event.type === 'handshake-failed' && event.failure !== 'unreachable';
    if (after.phase === 'connected' || isAnswer) serverWatch.note('reached');
    else if (after.phase === 'reconnecting' || after.phase === 'waiting') serverWatch.note('lost');
  });
  return {
    loop,
    commandTypes: commands.types,
    events,
    start: () => {
      reportRun(() => runRecord.recordStart());
      hasStarted = true;
      for (const module of modules) module.start?.();
      log.info('AGENT_STARTED', 'The agent has started.', {
        productNumber: registration.product.productNumber,
        server: registration.addresses,
      });
      loop.start();
    },
    followAddresses: () => addresses.follow(),
    stop: async (reason = StopReason.asked) => {
      if (hasStarted) reportRun(() => runRecord.recordStop(reason));
      hasStarted = false;
      const stopped = modules.map(async (module) => await module.stop?.());
      await settlesWithin(Promise.allSettled(stopped), LAST_WORK_MS);
      await loop.stop();
      serverSource.close();
      client.close();
      log.info('AGENT_STOPPED', 'The agent has stopped.');
    },
  };

  function reportRun(record: () => void): void {
    try {
      record();
    } catch (error) {
      // A full or damaged disk must not keep the agent from speaking with the server, nor from saying goodbye.
      log.warn(codeOf(error), describeError(error));
    }
  }

  async function createContent({ isGoingAway }: { readonly isGoingAway: boolean }) {
    const parts: HeartbeatPart[] = [];
    for (const module of modules) if (module.heartbeat !== undefined) parts.push(await module.heartbeat());
    return createHeartbeatContent(parts, { isGoingAway });
  }

  async function farewell(): Promise<void> {
    const last = errands.filter(({ isPartOfFarewell }) => isPartOfFarewell === true);
    await settlesWithin(Promise.allSettled(last.map(async (errand) => await errand.run())), LAST_REPORTS_MS);
    // The goodbye is the last word: whatever came after it would be a sign of life.
    const goodbye = async (): Promise<void> => {
      const content = await createContent({ isGoingAway: true });
      await client.sendHeartbeat(content, { needsAnswer: true });
    };
    await settlesWithin(goodbye(), GOODBYE_MS);
  }
}

/** The way to the server, with what is kept of it on disk. */
function createServerClient(
  options: AgentOptions,
  { renewal, memory }: { readonly renewal: KeyRenewal; readonly memory: ProductMemory },
  notifications: NotificationHandling,
): McpClient {
  const { registration, clock, database } = options;
  const store = createRegistrationStore(database);
  return createMcpClient({
    addresses: registration.addresses,
    authority: { certificate: registration.authorityCertificate, fingerprint: registration.fingerprint },
    signer: renewal.signer,
    store: memory,
    keepAuthority: async ({ certificate, fingerprint }) =>
      database.transaction(() => store.saveAuthority(certificate, fingerprint)),
    clock,
    random: options.random,
    notifications,
    ...(options.callTimeoutMs === undefined ? {} : { timeoutMs: options.callTimeoutMs }),
    ...(options.datagramTiming === undefined ? {} : { timing: options.datagramTiming }),
  });
}
