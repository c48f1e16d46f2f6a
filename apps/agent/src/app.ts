import type { AppError, Clock } from '@holdfast/kernel';
import { createMcpClient, type DatagramTiming, limits, type McpClient } from '@holdfast/protocol';
import { createAssertionSigner, type ProductKey } from '@holdfast/trust';
import { type CommandHandler, type Commands, createCommands } from './modules/commands/index.ts';
import {
  createHeartbeatContent,
  createReadActivity,
  type ReadFreePercent,
} from './modules/heartbeat/index.ts';
import {
  createInventoryHandler,
  type InventoryCollector,
  type SendInventory,
} from './modules/inventory/index.ts';
import { type AgentLoop, createAgentLoop, type Errand, type ErrandName } from './modules/loop/index.ts';
import { createOutbox, type OutboxBounds, uploadReports } from './modules/outbox/index.ts';
import { createRegistrationStore, type Registration } from './modules/registration/index.ts';
import { createConnectionJournal } from './modules/status/index.ts';
import type { Log } from './platform/log.ts';
import type { StateDatabase } from './platform/state-database.ts';
import { type LoopTimer, settlesWithin } from './platform/timers.ts';
import { readProductFacts } from './product-facts.ts';

/** A command that is under way at a stop gets this long; after it the next start deals with it. */
const LAST_COMMAND_MS = 1_200;
/** Then the last reports. What they do not reach in time waits on the disk for the next start. */
const LAST_REPORTS_MS = 1_200;
/** Then the goodbye. Together below the 5 seconds in which the agent ends. */
const GOODBYE_MS = 2_000;

export interface AgentOptions {
  readonly database: StateDatabase;
  readonly registration: Registration;
  readonly key: ProductKey;
  readonly collector: InventoryCollector;
  readonly clock: Clock;
  readonly random: () => number;
  readonly timer: LoopTimer;
  readonly log: Log;
  readonly platform: NodeJS.Platform;
  readonly onFatal: (error: AppError) => void;
  /** Beside the built-in ones. */
  readonly moreHandlers?: readonly CommandHandler[];
  readonly outboxBounds?: OutboxBounds;
  readonly datagramTiming?: DatagramTiming;
  readonly callTimeoutMs?: number;
  readonly readFreePercent?: ReadFreePercent;
}

export interface Agent {
  readonly loop: AgentLoop;
  start(): void;
  /** Says goodbye, within 5 seconds. The database stays open. */
  stop(): Promise<void>;
}

/** Puts the running agent together. */
export async function createAgent(options: AgentOptions): Promise<Agent> {
  const { database, registration, collector, clock, log } = options;
  const journal = createConnectionJournal({ database, clock, log });
  const hardwareId = await collector.findHardwareId();
  const client = createClient(options);
  const outbox = createOutbox({
    database,
    clock,
    log,
    ...(options.outboxBounds === undefined ? {} : { bounds: options.outboxBounds }),
  });
  const sendInventory: SendInventory = async () => {
    const facts = await collector.collect();
    return await client.putInventory({ collectedAt: clock.now(), facts: { ...facts } });
  };
  const commands = createCommands({
    database,
    outbox,
    handlers: [createInventoryHandler(sendInventory), ...(options.moreHandlers ?? [])],
    clock,
    log,
    findServerNow: () => journal.findServerNow(),
    onReport: () => loop.want('upload'),
  });
  const readActivity = createReadActivity(options.platform, options.readFreePercent);
  const runs = new Set<Promise<unknown>>();
  const loop = createAgentLoop({
    calls: {
      handshake: () => client.handshake(readProductFacts(hardwareId, commands.types)),
      negotiateTransport: () => client.negotiateTransport(),
      sendHeartbeat: async (needs) =>
        await client.sendHeartbeat(await createContent({ isGoingAway: false }), needs),
      farewell,
    },
    errands: createErrands({ client, commands, sendInventory, log, upload, track }),
    timer: options.timer,
    clock,
    random: options.random,
    journal,
    log,
    onFatal: options.onFatal,
  });
  commands.recover();
  return {
    loop,
    start: () => {
      log.info('AGENT_STARTED', 'The agent has started.', {
        productNumber: registration.product.productNumber,
        server: registration.addresses,
      });
      loop.start();
    },
    stop: async () => {
      commands.pause();
      await loop.stop();
      client.close();
      log.info('AGENT_STOPPED', 'The agent has stopped.');
    },
  };

  async function upload(): Promise<{ readonly again: boolean }> {
    const outcome = await uploadReports({
      outbox,
      client,
      log,
      onSettled: (settled) => commands.settle(settled),
    });
    loop.want('run');
    return outcome;
  }

  async function createContent({ isGoingAway }: { readonly isGoingAway: boolean }) {
    return createHeartbeatContent({
      isGoingAway,
      waitingReportCount: outbox.measure().count,
      activity: await readActivity(),
    });
  }

  /** Keeps an eye on a run, so that the farewell can wait for it. */
  async function track<Result>(run: Promise<Result>): Promise<Result> {
    runs.add(run);
    try {
      return await run;
    } finally {
      runs.delete(run);
    }
  }

  async function farewell(): Promise<void> {
    await settlesWithin(Promise.allSettled(runs), LAST_COMMAND_MS);
    await settlesWithin(upload(), LAST_REPORTS_MS);
    // The goodbye is the last word: whatever came after it would be a sign of life.
    const goodbye = async (): Promise<void> => {
      const content = await createContent({ isGoingAway: true });
      await client.sendHeartbeat(content, { needsAnswer: true });
    };
    await settlesWithin(goodbye(), GOODBYE_MS);
  }
}

function createClient(options: AgentOptions): McpClient {
  const { registration, database, key, clock } = options;
  const store = createRegistrationStore(database);
  return createMcpClient({
    addresses: registration.addresses,
    authority: { certificate: registration.authorityCertificate, fingerprint: registration.fingerprint },
    signer: createAssertionSigner(key),
    store: {
      load: () => Promise.resolve(store.find()?.product),
      save: async (product) => database.transaction(() => store.saveProduct(product)),
    },
    clock,
    ...(options.callTimeoutMs === undefined ? {} : { timeoutMs: options.callTimeoutMs }),
    ...(options.datagramTiming === undefined ? {} : { timing: options.datagramTiming }),
  });
}

interface ErrandParts {
  readonly client: McpClient;
  readonly commands: Commands;
  readonly sendInventory: SendInventory;
  readonly log: Log;
  readonly upload: Errand;
  readonly track: <Result>(run: Promise<Result>) => Promise<Result>;
}

function createErrands({
  client,
  commands,
  sendInventory,
  log,
  upload,
  track,
}: ErrandParts): Readonly<Record<ErrandName, Errand>> {
  let isFull = false;
  return {
    claim: async () => {
      const room = commands.countRoom(limits.maxCommandsPerClaim);
      if (room === 0) {
        if (!isFull)
          log.warn(
            'OUTBOX_FULL',
            'The outbox is full: no new command is taken until the server has the results.',
          );
        isFull = true;
        return { again: false };
      }
      isFull = false;
      const claimed = await client.claimCommands(room);
      const newCount = commands.receive(claimed);
      // Only what is reported as accepted makes place for more, so a full batch is reported before the next is asked for.
      const again = claimed.length === room && newCount > 0;
      if (again) await upload();
      return { again };
    },
    upload,
    run: async () => {
      const outcome = await track(commands.runWaiting());
      // The loop repeats the errand when the connection is back.
      if (outcome.state === 'postponed') throw outcome.cause;
      return { again: false };
    },
    inventory: async () => {
      await sendInventory();
      return { again: false };
    },
  };
}
