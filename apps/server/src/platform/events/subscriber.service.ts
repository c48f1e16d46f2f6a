import { AppError, type Clock } from '@holdfast/kernel';
import type { Logger } from 'pino';
import { type Database, inTransaction, isTransientDatabaseError } from '../database/index.ts';
import type { StoredEvent } from './domain-event.ts';
import { findHead, findNextEvents, findPresent } from './domain-events.store.ts';
import type { EventTypes } from './event-types.ts';
import { retryDelayMs } from './retry-delay.ts';
import {
  closeGap,
  findSubscriber,
  insertSubscriber,
  lockSubscriber,
  moveSubscriber,
  recordFailure,
  skipTo,
  type SubscriberRow,
} from './subscribers.store.ts';
import type {
  EventGap,
  OutwardSubscription,
  Subscription,
  TransactionalSubscription,
} from './subscription.ts';

/** Bounds the memory of a batch: events are small, and the largest allowed makes 16 MB of them. */
const DEFAULT_BATCH = 250;
const MAX_ERROR_CHARACTERS = 500;

export interface SubscriberParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly types: EventTypes;
  readonly random: () => number;
}

/** So many positions of events that are for others are passed without writing that down. */
const MAX_STEP = 5_000;

interface Batch {
  readonly events: readonly StoredEvent[];
  /** Up to here nothing else is for this subscriber. */
  readonly last: number;
  readonly isMoved: boolean;
  readonly isMore: boolean;
}

/** One reader at work: takes a batch, hands it over, moves its place, until there is nothing left. */
export class Subscriber {
  readonly subscription: Subscription;
  readonly #parts: SubscriberParts;
  #pausing = new AbortController();
  #run: Promise<void> | undefined;
  #isWanted = false;
  #nextAttemptAtMs = 0;

  constructor(subscription: Subscription, parts: SubscriberParts) {
    this.subscription = subscription;
    this.#parts = parts;
  }

  /** While it waits for its next attempt. */
  get isFailing(): boolean {
    return this.#nextAttemptAtMs > 0;
  }

  /** There may be something to hear. Does nothing while the subscriber waits for its next attempt. */
  wake(): void {
    if (this.#pausing.signal.aborted || this.#nextAttemptAtMs > this.#parts.clock.now()) return;
    this.#isWanted = true;
    this.#run ??= this.#runAll().finally(() => {
      this.#run = undefined;
      // What woke it while it went to sleep.
      if (this.#isWanted) this.wake();
    });
  }

  /** @param types of events that are new */
  wakeFor(types: ReadonlySet<string>): void {
    const { types: own } = this.subscription.filter;
    if (own === 'all' || own.some((type) => types.has(type))) this.wake();
  }

  /** Moves its place past events that are not for it, so that they need not be kept for it. */
  async skipOthers(): Promise<void> {
    const { database } = this.#parts;
    const { filter, name } = this.subscription;
    if (this.#run !== undefined || this.isFailing) return;
    // First where the end is, then whether anything stands before it.
    const head = await findHead(database);
    const row = await findSubscriber(database, name);
    if (row === undefined || row.position >= head) return;
    const next = await findNextEvents(database, { after: row.position, upTo: head, filter, limit: 1 });
    if (next.events.length === 0) await skipTo(database, name, head);
    else this.wake();
  }

  get isPaused(): boolean {
    return this.#pausing.signal.aborted;
  }

  /** Ends the handling under way and begins no more. Its place stays, and events wait there. */
  async pause(): Promise<void> {
    this.#pausing.abort();
    await this.#run;
  }

  resume(): void {
    if (this.isPaused) this.#pausing = new AbortController();
    this.#nextAttemptAtMs = 0;
    this.wake();
  }

  async #runAll(): Promise<void> {
    try {
      while (this.#isWanted && !this.#pausing.signal.aborted) {
        this.#isWanted = false;
        while (!this.#pausing.signal.aborted && (await this.#handleBatch()));
      }
    } catch (error) {
      this.#isWanted = false;
      await this.#fail(error);
    }
  }

  /** @returns true when there may be more */
  async #handleBatch(): Promise<boolean> {
    const { subscription } = this;
    const isMore =
      'handle' in subscription
        ? await this.#handleInTransaction(subscription)
        : await this.#deliver(subscription);
    this.#nextAttemptAtMs = 0;
    return isMore;
  }

  async #handleInTransaction(subscription: TransactionalSubscription): Promise<boolean> {
    const { name } = subscription;
    return await inTransaction(
      this.#parts.database,
      async (transaction) => {
        const row = await lockSubscriber(transaction, name);
        if (row === undefined) return false;
        const gap = gapOf(row);
        if (gap !== undefined) {
          await subscription.onGap(transaction, gap);
          await closeGap(transaction, name, gap.upTo, this.#now());
        }
        const batch = await this.#readBatch(transaction, row, row.attempts > 0 ? 1 : undefined);
        if (batch.events.length > 0) await subscription.handle(transaction, batch.events);
        if (batch.isMoved) await moveSubscriber(transaction, name, batch.last, this.#now());
        return batch.isMore;
      },
      // It has attempts of its own, with time between them.
      { maxAttempts: 1 },
    );
  }

  async #deliver(subscription: OutwardSubscription): Promise<boolean> {
    const { database } = this.#parts;
    const { name } = subscription;
    const row = await findSubscriber(database, name);
    if (row === undefined) return false;
    const gap = gapOf(row);
    if (gap !== undefined) {
      await subscription.onGap(gap);
      await closeGap(database, name, gap.upTo, this.#now());
    }
    const batch = await this.#readBatch(database, row);
    if (batch.events.length > 0) await subscription.deliver(batch.events, this.#pausing.signal);
    if (batch.isMoved) await moveSubscriber(database, name, batch.last, this.#now());
    return batch.isMore;
  }

  async #readBatch(
    db: Database,
    { position }: SubscriberRow,
    limit = this.subscription.batchSize ?? DEFAULT_BATCH,
  ): Promise<Batch> {
    const { types, log } = this.#parts;
    const { filter, name } = this.subscription;
    const head = await findHead(db);
    const found = await findNextEvents(db, { after: position, upTo: head, filter, limit });
    const events = found.events.filter((event) => types.isReadable(event.type, event.data));
    if (events.length < found.events.length)
      log.warn(
        { subscriber: name, events: found.events.length - events.length },
        'events of another release cannot be read and are left out',
      );
    // Past a few that are for others it moves later, together with more.
    const isMoved = found.events.length > 0 || found.last - position >= MAX_STEP;
    return { events, last: found.last, isMoved, isMore: found.last < head };
  }

  /** Writes down what is wrong. While the database is away nothing can be written, and nothing is the subscriber's fault. */
  async #fail(error: unknown): Promise<void> {
    const { database, clock, log, random } = this.#parts;
    const { name, onTrouble } = this.subscription;
    if (this.#pausing.signal.aborted) return;
    if (isTransientDatabaseError(error)) {
      this.#nextAttemptAtMs = clock.now() + retryDelayMs(1, random());
      return;
    }
    try {
      const before = (await findSubscriber(database, name))?.attempts ?? 0;
      const nextAttemptAt = new Date(clock.now() + retryDelayMs(before + 1, random()));
      this.#nextAttemptAtMs = nextAttemptAt.getTime();
      const text = describe(error);
      const row = await recordFailure(database, name, { error: text, at: this.#now(), nextAttemptAt });
      if (row?.failingSince == null) return;
      log.warn(
        { err: error, subscriber: name, attempts: row.attempts, failingSince: row.failingSince },
        'a subscriber of events failed; it is tried again and the others go on',
      );
      const { attempts, failingSince } = row;
      const verdict = await onTrouble?.({ attempts, failingSince, error: text, cause: error });
      if (verdict === 'stop') this.#pausing.abort();
    } catch (failure) {
      this.#nextAttemptAtMs = clock.now() + retryDelayMs(1, random());
      log.warn({ err: failure, subscriber: name }, 'the failure of a subscriber could not be written down');
    }
  }

  #now(): Date {
    return new Date(this.#parts.clock.now());
  }
}

/** Where a subscriber begins: at the present, unless it has a place already. */
export async function placeSubscriber(db: Database, name: string): Promise<void> {
  await insertSubscriber(db, name, await findPresent(db));
}

function gapOf({ gapAfter, gapUpTo }: SubscriberRow): EventGap | undefined {
  return gapAfter === null || gapUpTo === null ? undefined : { after: gapAfter, upTo: gapUpTo };
}

/** Only what was made to be shown: other errors may quote what was being handled. */
function describe(error: unknown): string {
  const text =
    error instanceof AppError ? error.message : 'An error in the server; its log says more at this time.';
  return text.slice(0, MAX_ERROR_CHARACTERS).toWellFormed();
}
