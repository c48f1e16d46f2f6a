import { AppError, type Clock } from '@holdfast/kernel';
import type { Logger } from 'pino';
import { type BackOff, backOffMs } from '../back-off.ts';
import { type Database, inTransaction, isTransientDatabaseError } from '../database/index.ts';
import { toStorableText } from '../database/storable-text.ts';
import type { StoredEvent } from './domain-event.ts';
import { findHead, findNextEvents, findPresent } from './domain-events.store.ts';
import type { EventTypes } from './event-types.ts';
import {
  beginBatch,
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
const backOff: BackOff = { firstMs: 1_000, longestMs: 300_000 };

export interface SubscriberParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly types: EventTypes;
  readonly random: () => number;
  /** It waits for its next attempt now. */
  readonly onFailing: () => void;
}

/** This many positions of events for others are passed without storing the new place. */
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
  /** Times of the monotonic clock, so that nobody waits because the wall clock was wrong. */
  #nextAttemptAtMs: number | undefined;
  #failedAtMs: number | undefined;
  /** Where the batch ends that is being handled. */
  #tryingUpTo: number | null = null;

  constructor(subscription: Subscription, parts: SubscriberParts) {
    this.subscription = subscription;
    this.#parts = parts;
  }

  /** While it waits for its next attempt. */
  get isFailing(): boolean {
    return this.#nextAttemptAtMs !== undefined;
  }

  /** There may be something to hear. Does nothing while the subscriber waits for its next attempt. */
  wake(): void {
    const waitsUntilMs = this.#nextAttemptAtMs ?? Number.NEGATIVE_INFINITY;
    if (this.#pausing.signal.aborted || this.#parts.clock.monotonic() < waitsUntilMs) return;
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
    this.#hasRecovered();
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
    this.#hasRecovered();
    return isMore;
  }

  #hasRecovered(): void {
    this.#nextAttemptAtMs = undefined;
    this.#failedAtMs = undefined;
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
        const isCareful = row.attempts > 0 || startedBatchEnd(row) !== undefined;
        const batch = await this.#readBatch(transaction, row, isCareful ? { limit: 1 } : {});
        this.#tryingUpTo = batch.last;
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
    const batch = await this.#readBatch(database, row, { upTo: startedBatchEnd(row) });
    if (batch.events.length > 0) {
      if (row.batchUpTo !== batch.last) await beginBatch(database, name, batch.last);
      await subscription.deliver(batch.events, this.#pausing.signal);
    }
    if (batch.isMoved) await moveSubscriber(database, name, batch.last, this.#now());
    return batch.isMore;
  }

  async #readBatch(
    db: Database,
    { position }: SubscriberRow,
    bounds: { readonly limit?: number; readonly upTo?: number | undefined },
  ): Promise<Batch> {
    const { types, log } = this.#parts;
    const { batchSize = DEFAULT_BATCH, filter, name } = this.subscription;
    const { limit = batchSize, upTo } = bounds;
    const head = await findHead(db);
    const found = await findNextEvents(db, { after: position, upTo: upTo ?? head, filter, limit });
    const events = found.events.filter((event) => types.isReadable(event.type, event.data));
    if (events.length < found.events.length)
      log.warn(
        { subscriber: name, events: found.events.length - events.length },
        'events of another release cannot be read and are left out',
      );
    // Past a few that are for others it moves later, together with more.
    const isMoved = upTo !== undefined || found.events.length > 0 || found.last - position >= MAX_STEP;
    return { events, last: found.last, isMoved, isMore: found.last < head };
  }

  /** Stores what is wrong. While the database is away nothing can be stored, and it is not the subscriber's fault. */
  async #fail(error: unknown): Promise<void> {
    const { database, clock, log, onFailing, random } = this.#parts;
    const { name, onTrouble } = this.subscription;
    if (this.#pausing.signal.aborted) return;
    const nowMs = clock.monotonic();
    const elapsedMs = Math.round(nowMs - (this.#failedAtMs ?? nowMs));
    this.#nextAttemptAtMs = nowMs + backOffMs(backOff, 1, random());
    onFailing();
    if (isTransientDatabaseError(error)) return;
    try {
      const before = (await findSubscriber(database, name))?.attempts ?? 0;
      const waitMs = backOffMs(backOff, before + 1, random());
      this.#failedAtMs = nowMs;
      this.#nextAttemptAtMs = nowMs + waitMs;
      const text = describe(error);
      const row = await recordFailure(database, name, {
        error: text,
        at: this.#now(),
        nextAttemptAt: new Date(clock.now() + waitMs),
        elapsedMs,
        batchUpTo: this.#tryingUpTo,
      });
      if (row?.failingSince == null) return;
      log.warn(
        { err: error, subscriber: name, attempts: row.attempts, failingSince: row.failingSince },
        'a subscriber of events failed; it is tried again and the others go on',
      );
      const { attempts, failedMs: failingMs } = row;
      const verdict = await onTrouble?.({ attempts, failingMs, error: text, cause: error });
      if (verdict === 'stop') this.#pausing.abort();
    } catch (failure) {
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

/** Where the batch ends that was begun and is not handled; undefined when there is none, or it was left out or removed since then. */
function startedBatchEnd({ batchUpTo, position }: SubscriberRow): number | undefined {
  return batchUpTo !== null && batchUpTo > position ? batchUpTo : undefined;
}

function gapOf({ gapAfter, gapUpTo }: SubscriberRow): EventGap | undefined {
  return gapAfter === null || gapUpTo === null ? undefined : { after: gapAfter, upTo: gapUpTo };
}

/** Only what was made to be shown: other errors may quote what was being handled. */
function describe(error: unknown): string {
  const text =
    error instanceof AppError ? error.message : 'An error in the server; its log says more at this time.';
  return toStorableText(text, MAX_ERROR_CHARACTERS);
}
