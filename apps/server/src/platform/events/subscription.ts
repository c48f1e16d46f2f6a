import type { Transaction } from '../database/index.ts';
import type { EventFilter, StoredEvent } from './domain-event.ts';

/** Events that a subscriber will never hear, because it made no progress until they were removed. */
export interface EventGap {
  /** Positions: what came after the one, up to and with the other. */
  readonly after: number;
  readonly upTo: number;
}

/** Why a subscriber cannot go on, after it was written down. */
export interface SubscriberTrouble {
  readonly attempts: number;
  /** For how long it has failed while a server was there to see it, by no wall clock. */
  readonly failingMs: number;
  readonly error: string;
  /** What was thrown. */
  readonly cause: unknown;
}

interface SubscriptionParts {
  /** Names its place in the database: a subscriber with the same name goes on where the last one was. */
  readonly name: string;
  /** For people: "Webhook Service desk". */
  readonly title: string;
  readonly filter: EventFilter;
  /** Events of one batch at most. */
  readonly batchSize?: number;
  /** Its place comes and goes with `place` and `forget`, in the transactions of its owner; subscribing makes none. */
  readonly hasPlace?: boolean;
  /** Asked after each failure: `stop` pauses the subscriber, in place of another attempt. */
  readonly onTrouble?: (trouble: SubscriberTrouble) => Promise<'go-on' | 'stop'>;
}

/**
 * Effects in this database. Batch, effects and place are one transaction, so that every event takes effect exactly once. After a
 * failure the events come one by one, so that what stands before the one that fails gets through.
 */
export interface TransactionalSubscription extends SubscriptionParts {
  readonly handle: (transaction: Transaction, events: readonly StoredEvent[]) => Promise<void>;
  readonly onGap: (transaction: Transaction, gap: EventGap) => Promise<void>;
}

/**
 * Effects elsewhere. The place moves when they are done, so that an event may come again: after a crash, and after a
 * failure of which nobody knows how far it got. Then the same events come again, no more and no fewer, so that whoever gets
 * them can tell; unless the filter was changed meanwhile.
 */
export interface OutwardSubscription extends SubscriptionParts {
  /** @param signal ends when the server stops or the subscriber is closed */
  readonly deliver: (events: readonly StoredEvent[], signal: AbortSignal) => Promise<void>;
  readonly onGap: (gap: EventGap) => Promise<void>;
}

/**
 * A reader of domain events with a place in the database: hears each at least once, those of one object in order, also over
 * restarts. One that fails is tried again at growing intervals, and does not hold up others.
 */
export type Subscription = TransactionalSubscription | OutwardSubscription;
