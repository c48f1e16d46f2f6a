/**
 * Domain events: what happened, written in the transaction in which it happened, heard by followers in this process
 * soon after and by subscribers at least once, those of one object in order (docs/events.md). Promises that nothing
 * that was committed is left out, also after a crash, and that a subscriber which fails holds nobody else up. Does not
 * promise an order between objects beyond that all subscribers hear the same one.
 */
import type { Clock } from '@holdfast/kernel';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { type Database, inTransaction, onCommitted, type Transaction } from '../database/index.ts';
import { toStorable } from '../database/storable-text.ts';
import type { ClockWitness } from '../clock/clock-witness.store.ts';
import type { Tick, Ticks } from '../ticks/ticks.ts';
import { Turns } from '../turns.ts';
import type { DomainEvent, EventDefinitions, EventType, RecordEvents } from './domain-event.ts';
import { countEvents, type EventRow, findHead, insertEvents, pruneEvents } from './domain-events.store.ts';
import { EventDispatcher, type EventFollower } from './event-dispatcher.service.ts';
import { registerEventMetrics, type SubscriberFigures } from './event-metrics.ts';
import { EventTypes } from './event-types.ts';
import { placeSubscriber, Subscriber } from './subscriber.service.ts';
import {
  deleteSubscriber,
  forgetFailure,
  listSubscribers,
  skipTo,
  type SubscriberRow,
} from './subscribers.store.ts';
import type { Subscription } from './subscription.ts';

export interface DomainEventsOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly clockWitness: Pick<ClockWitness, 'isBelievable'>;
  readonly log: Logger;
  readonly ticks: Ticks;
  readonly createId: () => string;
  readonly metrics: Registry;
  /** 0 to 1; spreads attempts that follow failures. */
  readonly random?: () => number;
  readonly keeping?: EventKeeping | undefined;
}

/** How long events are kept, and how many at most. */
export interface EventKeeping {
  /** After everybody has heard them. */
  readonly heard: { readonly ms: number; readonly count: number };
  /** Where a subscriber does not come on. Beyond this it misses events and is told so. */
  readonly unheard: { readonly ms: number; readonly count: number };
}

const DAY_MS = 86_400_000;
export const defaultKeeping: EventKeeping = {
  heard: { ms: 7 * DAY_MS, count: 1_000_000 },
  unheard: { ms: 30 * DAY_MS, count: 3_000_000 },
};

/** JSON text of one event's data. */
const MAX_DATA_CHARACTERS = 65_536;
const POLL_INTERVAL_MS = 1_000;
/** What this process records wakes the dispatcher, and so does a subscriber that fails; only what another process recorded waits for so long. */
const POLL_REST_MS = 10_000;
const PRUNE_INTERVAL_MS = 600_000;
const PRUNE_BATCH = 5_000;
/** Further than this nobody counts what waits. */
export const MAX_COUNTED_WAITING = 100_000;

/** A subscriber as people see it. */
export interface SubscriberState extends SubscriberRow, SubscriberFigures {
  /** Undefined for one that this release does not have. */
  readonly title: string | undefined;
  readonly isPaused: boolean;
}

export interface DomainEventsService {
  readonly types: EventTypes;
  readonly record: RecordEvents;
  /** While the server is put together: what a module can tell. */
  define(definitions: EventDefinitions): void;
  /** Hears what happens from now on, soon after each commit. What is missed while the process is down is not made up for. */
  follow<Type extends EventType>(types: readonly Type[], follower: EventFollower<Type>): void;
  /** Starts, or resumes, at the subscriber's place. A running subscriber of this name is replaced, even if two ask at once. */
  subscribe(subscription: Subscription, options?: { readonly isPaused?: boolean }): Promise<void>;
  /** Ends the handling under way and begins no more. */
  unsubscribe(name: string): Promise<void>;
  /** Events wait at its place from now on. */
  pause(name: string): Promise<void>;
  /** Resumes at once, even after a failure. `skipsWaiting`: with what is new, and what waits is left out. */
  resume(name: string, options?: { readonly skipsWaiting?: boolean }): Promise<void>;
  /** Gives a subscriber its place at the present, in the transaction that makes it. */
  place(transaction: Transaction, name: string): Promise<void>;
  /** Earlier failures no longer count, in the transaction that says so. `skipsWaiting`: and what waits is left out. */
  renew(transaction: Transaction, name: string, options?: { readonly skipsWaiting?: boolean }): Promise<void>;
  /** Forgets the place of a subscriber, in the transaction that removes it. */
  forget(transaction: Transaction, name: string): Promise<void>;
  listSubscribers(): Promise<SubscriberState[]>;
  start(): Promise<void>;
  /** Returns when everything that was committed before is numbered and followers have heard it. */
  dispatch(): Promise<void>;
  stop(): Promise<void>;
}

export function createDomainEvents(options: DomainEventsOptions): DomainEventsService {
  const { clock, clockWitness, createId, database, log, ticks, keeping = defaultKeeping } = options;
  const types = new EventTypes();
  const dispatcher = new EventDispatcher({ database, log, types });
  // One thing at a time for each name, or one of two subscribers of that name would go on unseen.
  const turns = new Turns();
  let polling: Tick | undefined;
  const parts = {
    database,
    clock,
    log,
    types,
    random: options.random ?? Math.random,
    onFailing: () => polling?.wake(),
  };
  const wake = (): void => dispatcher.wake();
  let isStarted = false;

  /** By a tick and not by the hourly job, which does nothing while the clock is not believed: what is too much is removed by any clock. */
  async function prune(): Promise<void> {
    for (const subscriber of dispatcher.subscribers) await subscriber.skipOthers();
    // By a clock that leapt everything would be old.
    const nowMs = (await clockWitness.isBelievable()) ? clock.now() : 0;
    const since = ({ ms, count }: EventKeeping['heard']) => ({ since: new Date(nowMs - ms), count });
    for (let isMore = true; isMore; ) {
      const pruned = await inTransaction(database, async (transaction) =>
        pruneEvents(transaction, since(keeping.heard), since(keeping.unheard), PRUNE_BATCH),
      );
      if (pruned.behind.length > 0)
        log.error({ subscribers: pruned.behind }, 'subscribers missed events that were kept for long enough');
      isMore = pruned.count === PRUNE_BATCH;
    }
  }

  async function renew(
    transaction: Transaction,
    name: string,
    { skipsWaiting = false }: { readonly skipsWaiting?: boolean } = {},
  ): Promise<void> {
    if (skipsWaiting) await skipTo(transaction, name, await findHead(transaction));
    await forgetFailure(transaction, name);
  }

  async function listStates(): Promise<SubscriberState[]> {
    const states: SubscriberState[] = [];
    const head = await findHead(database);
    for (const row of await listSubscribers(database)) {
      const subscriber = dispatcher.findSubscriber(row.name);
      const subscription = subscriber?.subscription;
      const value = await countEvents(database, {
        after: row.position,
        upTo: head,
        filter: subscription?.filter ?? { types: 'all' },
        limit: MAX_COUNTED_WAITING + 1,
      });
      const isExact = value <= MAX_COUNTED_WAITING;
      states.push({
        ...row,
        title: subscription?.title,
        isPaused: subscriber?.isPaused ?? true,
        failingMs: row.failingSince === null ? 0 : Math.max(0, clock.now() - row.failingSince.getTime()),
        waiting: { value: Math.min(value, MAX_COUNTED_WAITING), isExact },
      });
    }
    return states;
  }

  registerEventMetrics(options.metrics, dispatcher, listStates);
  return {
    types,
    async record(transaction, events) {
      const rows = [events].flat().map((event) => describeEvent(types, event, createId()));
      if (rows.length === 0) return;
      await insertEvents(transaction, rows, new Date(clock.now()));
      onCommitted(transaction, wake);
    },
    define: (definitions) => types.define(definitions),
    follow: (heard, follower) => dispatcher.follow(heard, follower as EventFollower),
    subscribe: (subscription, { isPaused = false } = {}) =>
      turns.take(subscription.name, async () => {
        const { name, hasPlace = false } = subscription;
        const before = dispatcher.findSubscriber(name);
        await before?.pause();
        // What was not for the one before is not for its successor either, though it may hear more from now on.
        await before?.skipOthers();
        const subscriber = new Subscriber(subscription, parts);
        if (isPaused) await subscriber.pause();
        if (isStarted && !hasPlace) await placeSubscriber(database, name);
        await dispatcher.remove(name);
        dispatcher.add(subscriber);
      }),
    unsubscribe: (name) => turns.take(name, () => dispatcher.remove(name)),
    place: (transaction, name) => placeSubscriber(transaction, name),
    renew,
    forget: (transaction, name) => deleteSubscriber(transaction, name),
    pause: (name) => turns.take(name, async () => await dispatcher.findSubscriber(name)?.pause()),
    resume: (name, choice) =>
      turns.take(name, async () => {
        const subscriber = dispatcher.findSubscriber(name);
        // What is under way ends first, so that it does not count as the first thing after this.
        await subscriber?.pause();
        await inTransaction(database, (transaction) => renew(transaction, name, choice));
        subscriber?.resume();
      }),
    listSubscribers: listStates,
    async start() {
      for (const { subscription } of dispatcher.subscribers)
        if (subscription.hasPlace !== true) await placeSubscriber(database, subscription.name);
      isStarted = true;
      await dispatcher.start();
      polling = ticks.every('events.dispatch', POLL_INTERVAL_MS, () => dispatcher.poll(), {
        restMs: POLL_REST_MS,
      });
      ticks.every('events.prune', PRUNE_INTERVAL_MS, prune);
    },
    dispatch: () => dispatcher.dispatch(),
    stop: () => dispatcher.stop(),
  };
}

function describeEvent(types: EventTypes, event: DomainEvent, id: string): EventRow {
  const { type, objectId, groupIds } = event as {
    type: string;
    objectId: string;
    groupIds?: readonly string[];
  };
  const definition = types.find(type);
  if (definition === undefined) throw new RangeError(`"type" expected a defined event, got ${type}`);
  const data = JSON.stringify(toStorable((event as { data: unknown }).data));
  if (data.length > MAX_DATA_CHARACTERS)
    throw new RangeError(`"data" of ${type} expected ${MAX_DATA_CHARACTERS} characters, got ${data.length}`);
  return { id, type, objectKind: definition.objectKind, objectId, groupIds, data };
}
