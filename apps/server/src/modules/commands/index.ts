/**
 * Commands: orders to managed products, and Command Tracking (docs/commands.md). Promises that an order is given to
 * everyone it was meant for or to nobody, that a state only moves forward, that counts are exact at every moment,
 * that a product is told of waiting commands also after a restart, and that an acknowledged report is on disk. Does
 * not promise that a product obeys: at least once delivered, it acts once by the command's id.
 */
import { type CommandDefinition, commandDefinitions } from '@holdfast/protocol';
import { registerErrorStatus } from '../../platform/http/error-status.ts';
import { parseNoPayload } from '../../platform/jobs/jobs.ts';
import type { Platform } from '../../platform/platform.ts';
import type { TickOutcome } from '../../platform/ticks/ticks.ts';
import { CommandAnnouncer } from './command-announcer.service.ts';
import { addUpCounts, listCommandsToCount } from './command-counts.store.ts';
import { CommandCancellation } from './command-cancellation.service.ts';
import { CommandDelivery, type LifeSigns } from './command-delivery.service.ts';
import { CommandExpiry } from './command-expiry.service.ts';
import { CommandPlanning, type IdleHours } from './command-plan.service.ts';
import { CommandRetention, DEFAULT_COMMAND_RETENTION_MS } from './command-retention.service.ts';
import { CommandTypes } from './command-types.ts';
import { listWaitingProducts } from './command-work.store.ts';
import { commandErrorStatus } from './commands.errors.ts';
import { commandEvents } from './commands.events.ts';
import { registerCommandRoutes, registerDeliveryRoutes } from './commands.routes.ts';
import { type CommandDirectory, CommandService } from './commands.service.ts';
import './commands.tables.ts';
import { WaitingCommands, type WaitingFlags } from './waiting-commands.service.ts';

export type { CommandDirectory } from './commands.service.ts';

export interface CommandsDependencies {
  readonly platform: Pick<
    Platform,
    | 'database'
    | 'preparedDatabase'
    | 'clock'
    | 'clockWitness'
    | 'log'
    | 'events'
    | 'live'
    | 'jobs'
    | 'ticks'
    | 'createId'
    | 'recordAuditEntry'
    | 'recordEvents'
    | 'registerRoute'
    | 'registerMcpRoute'
  >;
  readonly directory: CommandDirectory;
  readonly presence: WaitingFlags & LifeSigns & IdleHours;
  /** Called with the products of an order once it is on disk, so that they can be notified before their next heartbeat. */
  readonly onOrdered?: (productNumbers: readonly number[]) => void;
  /** How long a command that is over stays in Command Tracking. */
  readonly retentionMs?: number | undefined;
}

export interface CommandsModule {
  /** While the server is put together: something more that can be ordered. */
  registerCommandType(definition: CommandDefinition): void;
  /** Reads back who has something to fetch. */
  start(): Promise<void>;
}

const ANNOUNCE_INTERVAL_MS = 280;
const COUNT_INTERVAL_MS = 1_000;
/** Readers add what is not added up yet, so nobody notices. */
const COUNT_REST_MS = 10_000;
const EXPIRY_INTERVAL_MS = 5_000;
const CANCEL_INTERVAL_MS = 500;
const CANCEL_REST_MS = 10_000;
const MAX_COUNTED_PER_TURN = 500;

export function createCommandsModule({
  platform,
  directory,
  presence,
  onOrdered = () => undefined,
  retentionMs = DEFAULT_COMMAND_RETENTION_MS,
}: CommandsDependencies): CommandsModule {
  const { database, clock, ticks } = platform;
  const types = new CommandTypes();
  for (const definition of commandDefinitions) types.register(definition);
  const waiting = new WaitingCommands((query) => listWaitingProducts(database, query), clock, presence);
  const isIdle = (productNumber: number): boolean => presence.isIdle(productNumber);
  const announcer = new CommandAnnouncer(database, platform.live, isIdle);
  const expiry = new CommandExpiry(platform, waiting);
  const cancellation = new CommandCancellation(platform, { waiting, announcer, onOrdered });
  const retention = new CommandRetention(platform, retentionMs);

  platform.jobs.register({
    kind: 'commands.forget',
    title: 'Forget commands that are long over',
    description:
      'Removes commands from Command Tracking that have been over for as long as the retention says. The audit log keeps who ordered what.',
    schedule: { cron: '27 * * * *' },
    parsePayload: parseNoPayload,
    run: async ({ signal }) => await retention.forget(signal),
  });
  registerErrorStatus(commandErrorStatus);
  platform.events.define(commandEvents);
  platform.events.follow(['command-target.ended'], (events) => {
    for (const { data } of events) announcer.note(data.commandId, [data.productNumber]);
  });
  const service = new CommandService({
    platform,
    types,
    directory,
    waiting,
    announcer,
    cancellation,
    onOrdered,
    isIdle,
  });
  registerCommandRoutes(
    platform,
    service,
    new CommandPlanning(platform, { types, directory, hours: presence }),
  );
  const delivery = { database: platform.preparedDatabase, clock, recordEvents: platform.recordEvents };
  registerDeliveryRoutes(platform, new CommandDelivery(delivery, { waiting, announcer, life: presence }));

  return {
    registerCommandType: (definition) => types.register(definition),
    async start() {
      // Whoever has idle hours is called when they end, also when the server was restarted meanwhile.
      await waiting.load((productNumbers) => onOrdered(productNumbers.filter(isIdle)));
      ticks.every('commands.announce', ANNOUNCE_INTERVAL_MS, async () => await announcer.announce());
      const addUp = async (): Promise<TickOutcome> => {
        const ids = await listCommandsToCount(database, MAX_COUNTED_PER_TURN);
        for (const id of ids) await addUpCounts(database, id);
        return ids.length === 0 ? 'rest' : undefined;
      };
      ticks.every('commands.count', COUNT_INTERVAL_MS, addUp, { restMs: COUNT_REST_MS });
      const cancel = async (): Promise<TickOutcome> => await cancellation.proceed();
      const cancelling = ticks.every('commands.cancel', CANCEL_INTERVAL_MS, cancel, {
        restMs: CANCEL_REST_MS,
      });
      cancellation.onLeft(() => cancelling.wake());
      ticks.every('commands.expire', EXPIRY_INTERVAL_MS, async () => await expiry.expire());
    },
  };
}
