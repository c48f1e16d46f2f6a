/**
 * Calls products between their heartbeats (docs/protocol.md, section 11): settles for each whether and how that is possible,
 * tells it that commands wait or that a handshake is wanted, and holds the streams of those that cannot be reached otherwise.
 * Promises that a call never delays or loses a command, that it goes to the address the product itself spoke from and to no
 * other, that the calls of the whole fleet are spread over time, and that only a proven answer counts as a sign of life. It
 * promises no delivery: the next heartbeat tells the same.
 */
import { randomInt } from 'node:crypto';
import type {
  CommunicationMode,
  ModeChoice as PinnedMode,
  ProductCommunication,
  Transport,
} from '@holdfast/api';
import { chooseMode, type ModeChoice, NotificationSealer } from '@holdfast/protocol';
import { deriveKey, KeyLabel } from '@holdfast/trust';
import type { ProductActor } from '../../platform/access/actor.ts';
import { registerErrorStatus } from '../../platform/http/error-status.ts';
import type { Platform } from '../../platform/platform.ts';
import type { ProfileTarget } from '../communication/index.ts';
import type { DatagramsModule, Endpoint, ProductCaller } from '../datagrams/index.ts';
import { CallCount } from './call-count.ts';
import { CallTable, wishes } from './call-table.ts';
import { ChangedWays } from './changed-ways.ts';
import { HeldStreams, type StreamTarget } from './held-streams.ts';
import { callListener } from './listener-call.ts';
import { ListenerTrials } from './listener-trials.ts';
import { NotificationError, notificationErrorStatus } from './notification.errors.ts';
import { registerNotificationMetrics } from './notification-metrics.ts';
import { registerNotificationRoutes } from './notification.routes.ts';
import { createCallCountMemory, listCallableProducts, listProductNumbers } from './notification.store.ts';
import { type CalledProducts, Notifier } from './notifier.ts';
import { isPortClosed } from './closed-port.ts';

export interface NotificationDependencies {
  readonly platform: Pick<
    Platform,
    'database' | 'clock' | 'log' | 'metrics' | 'keys' | 'ticks' | 'registerMcpRoute'
  >;
  readonly datagrams: Pick<DatagramsModule, 'call' | 'endCall'>;
  /** Whoever knows who is alive. */
  readonly products: CalledProducts & {
    /** The interval that the product was told last; null before the first. */
    toldIntervalMs(productNumber: number): number | null;
  };
  /** How many streams products may hold; 0: none. */
  readonly heldStreamLimit?: number | undefined;
}

/** What a product offers after its handshake, and what the administrator wants. */
export interface CallOffer {
  readonly pinned: PinnedMode;
  readonly transport: Exclude<Transport, 'unknown'>;
  /** Where its call came from. */
  readonly remoteAddress: string;
  readonly listenerPort: number | null;
  readonly canHold: boolean;
}

export interface SettledMode extends ModeChoice {
  /** The listener that answered; `undefined` unless the mode is direct. */
  readonly listener: Endpoint | undefined;
}

export interface NotificationModule {
  /** Hears what heartbeats say of ways to call, and adds to their answers. */
  readonly caller: ProductCaller;
  /** Reads back who can be called, and begins. */
  start(): Promise<void>;
  /** Ends the streams, before the HTTP server waits for open answers. */
  endStreams(): void;
  stop(): void;
  /** Passes profiles on to whoever goes by them, and notices whose way to communicate they change. */
  follow(target: ProfileTarget): ProfileTarget;
  /** After the commit of a handshake: no way of the one before is used any more. */
  beginEpoch(productNumber: number): void;
  /** Tries what there is to try, and decides. */
  chooseMode(product: ProductActor, offer: CallOffer): Promise<SettledMode>;
  /** After the commit of what was decided. */
  useMode(product: ProductActor, settled: SettledMode): void;
  /** A heartbeat of this product is late: it is asked, where it can be, whether it is there. */
  askLate(productNumber: number): void;
  /** The product is disabled or its record is gone: nothing calls it any more. */
  endCalls(productNumber: number): void;
  /** After the commit of an order for these products. */
  notifyCommandsWait(productNumbers: readonly number[]): void;
  /** What every product learns with a handshake is another: each is asked for one, at a bounded pace. Never throws. */
  wantHandshakesOfAll(): Promise<void>;
  /** What is used and what came of it, given what was settled. */
  describe(
    productNumber: number,
    settled: Pick<ProductCommunication, 'mode' | 'modeReason'>,
  ): Pick<ProductCommunication, 'mode' | 'modeReason' | 'intervalMs' | 'lastNotification'>;
  /** Streams that are open now. */
  heldStreamCount(): number;
}

export const DEFAULT_HELD_STREAM_LIMIT = 5_000;
const TURN_MS = 1_000;
const LOAD_BATCH = 50_000;
const RESERVE_INTERVAL_MS = 300_000;
/** A product without a stream learns by its heartbeats, and asks for a place now and then. */
const FULL_RETRY_MS = 60_000;
const NO_FLAGS = { commandsWait: false, handshakeAgain: false };

export function createNotificationModule(deps: NotificationDependencies): NotificationModule {
  const { platform, datagrams, products } = deps;
  const { clock, database } = platform;
  const table = new CallTable();
  const count = new CallCount(
    clock,
    createCallCountMemory(database, () => clock.now()),
  );
  const sealer = new NotificationSealer(deriveKey(platform.keys.masterKey, KeyLabel.heartbeat));
  const streams = new HeldStreams({
    limit: deps.heldStreamLimit ?? DEFAULT_HELD_STREAM_LIMIT,
    sealQuiet: (productNumber, epoch) => notifier.create(productNumber, epoch, NO_FLAGS).bytes,
  });
  const countEnd = registerNotificationMetrics(platform.metrics, {
    streams,
    countWaiting: () => notifier.waiting,
    countGivenUp: () => table.givenUpCount,
  });
  const notifier = new Notifier({
    clock,
    nextSequence: () => count.next(),
    table,
    sealer,
    streams,
    datagrams,
    callListener,
    isPortClosed,
    products,
    onEnd: countEnd,
  });
  const trials = new ListenerTrials(async ({ productNumber, epoch, address, port }) => {
    const { notification, bytes } = notifier.create(productNumber, epoch, NO_FLAGS);
    const isAnswer = (answer: Uint8Array): boolean => sealer.isAcknowledgement(answer, notification);
    return await callListener({ address, port, bytes, isAnswer });
  });
  let turns: NodeJS.Timeout | undefined;

  registerErrorStatus(notificationErrorStatus);
  registerNotificationRoutes(platform.registerMcpRoute, openStream);

  return {
    caller: {
      noteAddress: (productNumber, address, port) => table.noteAddress(productNumber, address, port),
      takeHandshakeWish: (productNumber) => notifier.takeHandshakeWish(productNumber),
    },
    async start() {
      await count.resume();
      platform.ticks.every('notification.count', RESERVE_INTERVAL_MS, async () => await count.reserve());
      let after = 0;
      for (;;) {
        const batch = await listCallableProducts(database, after, LOAD_BATCH);
        for (const { number, mode, listenerAddress, listenerPort } of batch) {
          const isDirect = listenerAddress !== null && listenerPort !== null;
          table.setMode(
            number,
            mode,
            isDirect ? { address: listenerAddress, port: listenerPort } : undefined,
          );
        }
        after = batch.at(-1)?.number ?? after;
        if (batch.length < LOAD_BATCH) break;
      }
      // Not a tick: ticks pause while the database is away, and the streams are to live on.
      turns = setInterval(() => {
        streams.turn();
        notifier.turn();
      }, TURN_MS);
      turns.unref();
    },
    endStreams: () => streams.stop(),
    stop() {
      clearInterval(turns);
      streams.stop();
      notifier.stop();
    },
    follow: (target) =>
      new ChangedWays({
        target,
        isKnown: (productNumber) => (products.findEpoch(productNumber) ?? 0) > 0,
        wantHandshakes: (productNumbers) => notifier.wantHandshakes(productNumbers),
        dropHandshakeWish: (productNumber) => notifier.dropHandshakeWish(productNumber),
      }),
    async wantHandshakesOfAll() {
      try {
        let after = 0;
        for (;;) {
          const numbers = await listProductNumbers(database, after, LOAD_BATCH);
          notifier.wantHandshakes(numbers);
          after = numbers.at(-1) ?? after;
          if (numbers.length < LOAD_BATCH) return;
        }
      } catch (error) {
        // Those that were not asked learn with their next handshake all the same.
        platform.log.warn({ err: error }, 'not every product could be asked for a handshake');
      }
    },
    beginEpoch(productNumber) {
      table.setMode(productNumber, 'one-way', undefined);
      table.set(productNumber, wishes.handshakeWanted | wishes.handshake, false);
      datagrams.endCall(productNumber);
      streams.end(productNumber);
    },
    async chooseMode({ productNumber, epoch }, offer) {
      const { pinned, transport, canHold, remoteAddress: address, listenerPort: port } = offer;
      const isListenerOfUse = pinned === 'automatic' || pinned === 'two-way-direct';
      const listener =
        port === null || !isListenerOfUse
          ? 'missing'
          : await trials.try({ productNumber, epoch, address, port });
      const hasFreeStream = streams.hasRoomFor(productNumber);
      const choice = chooseMode({ pinned, listener, transport, canHold, hasFreeStream });
      const isDirect = choice.mode === 'two-way-direct' && port !== null;
      return { ...choice, listener: isDirect ? { address, port } : undefined };
    },
    useMode({ productNumber, epoch }, { mode, listener }) {
      // A handshake that was made meanwhile settles its own.
      if (products.findEpoch(productNumber) !== epoch) return;
      table.setMode(productNumber, mode, listener);
      if (mode !== 'two-way-held') streams.end(productNumber);
    },
    askLate: (productNumber) => notifier.askLate(productNumber),
    endCalls(productNumber) {
      trials.forget(productNumber);
      datagrams.endCall(productNumber);
      streams.end(productNumber);
      table.clear(productNumber);
    },
    notifyCommandsWait: (productNumbers) => notifier.wantClaims(productNumbers),
    describe(productNumber, settled) {
      const last = table.lastOf(productNumber);
      const isGivenUp = table.isGivenUp(productNumber);
      return {
        ...(isGivenUp
          ? { mode: 'one-way' as CommunicationMode, modeReason: 'notifications-failed' }
          : settled),
        intervalMs: products.toldIntervalMs(productNumber),
        lastNotification:
          last === undefined
            ? null
            : { at: new Date(last.atMs).toISOString(), way: last.way, outcome: last.outcome },
      };
    },
    heldStreamCount: () => streams.count,
  };

  function openStream({ productNumber, epoch }: ProductActor, takeOver: () => StreamTarget): void {
    if (!streams.hasRoomFor(productNumber)) {
      throw new NotificationError('NOTIFICATIONS_FULL', 'This server holds as many streams as it can.', {
        retry: 'safe',
        // Spread out, so that those who were refused together do not come back together.
        facts: { retryAfterMs: FULL_RETRY_MS + randomInt(4 * FULL_RETRY_MS) },
        remedy: 'The product learns of its commands with its heartbeats until there is a place.',
      });
    }
    streams.open(productNumber, epoch, takeOver());
    // What was ordered while there was no stream.
    if (products.areCommandsWaiting(productNumber)) notifier.wantClaims([productNumber]);
  }
}
