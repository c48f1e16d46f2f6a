import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type Database, inTransaction, isTransientDatabaseError } from '../database/index.ts';
import type { TickOutcome } from '../ticks/ticks.ts';
import type { EventFilter, EventType, StoredEvent } from './domain-event.ts';
import { findHead, findNextEvents, numberEvents } from './domain-events.store.ts';
import type { EventTypes } from './event-types.ts';
import type { Subscriber } from './subscriber.service.ts';

/** Hears events soon after their commit, in this process, while it runs: nothing is made up for. */
export type EventFollower<Type extends EventType = EventType> = (
  events: readonly StoredEvent<Type>[],
) => void | Promise<void>;

const NUMBERING_BATCH = 5_000;
const PAGE = 500;
/** Rest between two turns that commits ask for, so that a storm of them costs ten turns a second and not thousands. */
const REST_MS = 100;

export interface DispatcherParts {
  readonly database: Database;
  readonly log: Logger;
  readonly types: EventTypes;
}

/** Gives events their positions as they become visible, tells followers, and wakes subscribers. */
export class EventDispatcher {
  readonly #parts: DispatcherParts;
  readonly #followers: { readonly types: readonly EventType[]; readonly hear: EventFollower }[] = [];
  readonly #subscribers = new Map<string, Subscriber>();
  readonly #stopping = new AbortController();
  /** Followers have heard everything up to here. Undefined before the start. */
  #told: number | undefined;
  #lastTurn: Promise<void> = Promise.resolve();
  #waking: Promise<void> | undefined;
  #isWanted = false;
  #numbered = 0;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
  }

  /** How many events this process has given a position. */
  get numbered(): number {
    return this.#numbered;
  }

  follow(types: readonly EventType[], hear: EventFollower): void {
    this.#followers.push({ types, hear });
  }

  get subscribers(): readonly Subscriber[] {
    return [...this.#subscribers.values()];
  }

  findSubscriber(name: string): Subscriber | undefined {
    return this.#subscribers.get(name);
  }

  add(subscriber: Subscriber): void {
    const { name } = subscriber.subscription;
    if (this.#subscribers.has(name)) throw new TypeError(`There are two subscribers with the name ${name}`);
    this.#subscribers.set(name, subscriber);
    if (this.#told !== undefined && !this.#stopping.signal.aborted) subscriber.wake();
  }

  async remove(name: string): Promise<void> {
    const subscriber = this.#subscribers.get(name);
    this.#subscribers.delete(name);
    await subscriber?.pause();
  }

  /** What was recorded while nobody ran is heard by subscribers now; followers begin at the present. */
  async start(): Promise<void> {
    this.#told = await findHead(this.#parts.database);
    for (const subscriber of this.#subscribers.values()) subscriber.wake();
    this.wake();
  }

  /** A transaction with events was committed: they are told at once, or after the rest of the turn before. */
  wake(): void {
    if (this.#told === undefined || this.#stopping.signal.aborted) return;
    this.#isWanted = true;
    this.#waking ??= this.#dispatchWhileWanted();
  }

  /** Returns when everything that was committed before the call is numbered and told. */
  async dispatch(): Promise<void> {
    const turn = this.#lastTurn.then(() => this.#takeTurn());
    // The next one begins after this one even if it fails; the failure goes to its caller.
    this.#lastTurn = turn.catch(() => {});
    await turn;
  }

  /** From time to time: what other processes recorded, and subscribers whose next attempt has come. */
  async poll(): Promise<TickOutcome> {
    const before = this.#numbered;
    await this.dispatch();
    const failing = this.subscribers.filter(({ isFailing }) => isFailing);
    for (const subscriber of failing) subscriber.wake();
    return failing.length === 0 && this.#numbered === before ? 'rest' : undefined;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#waking;
    await this.#lastTurn;
    await Promise.all(this.subscribers.map((subscriber) => subscriber.pause()));
  }

  async #dispatchWhileWanted(): Promise<void> {
    const { signal } = this.#stopping;
    while (this.#isWanted && !signal.aborted) {
      this.#isWanted = false;
      try {
        await this.dispatch();
      } catch (error) {
        if (!isTransientDatabaseError(error))
          this.#parts.log.error({ err: error }, 'events could not be dispatched; the next turn comes');
      }
      // Ends early, by a rejection, only when the server stops.
      await delay(REST_MS, undefined, { signal, ref: false }).catch(() => {});
    }
    this.#waking = undefined;
  }

  async #takeTurn(): Promise<void> {
    for (let isMore = this.#told !== undefined; isMore && !this.#stopping.signal.aborted; ) {
      const types = await this.#number();
      this.#numbered += types.length;
      const isNew = new Set(types);
      for (const subscriber of this.#subscribers.values()) subscriber.wakeFor(isNew);
      await this.#tell();
      isMore = types.length === NUMBERING_BATCH;
    }
  }

  async #number(): Promise<readonly string[]> {
    return await inTransaction(
      this.#parts.database,
      async (transaction) => (await numberEvents(transaction, NUMBERING_BATCH)) ?? [],
    );
  }

  /** Reads only what somebody follows: nobody here wants to hear of a whole fleet going offline. */
  async #tell(): Promise<void> {
    const { database } = this.#parts;
    const head = await findHead(database);
    const filter: EventFilter = { types: [...new Set(this.#followers.flatMap(({ types }) => types))] };
    let told = this.#told ?? head;
    while (told < head && !this.#stopping.signal.aborted) {
      const { events, last } = await findNextEvents(database, {
        after: told,
        upTo: head,
        filter,
        limit: PAGE,
      });
      told = last;
      await this.#tellFollowers(events);
      this.#told = told;
    }
    this.#told = told;
  }

  async #tellFollowers(events: readonly StoredEvent[]): Promise<void> {
    const { log, types } = this.#parts;
    const readable = events.filter((event) => types.isReadable(event.type, event.data));
    for (const follower of this.#followers) {
      const heard = readable.filter(({ type }) => follower.types.includes(type));
      if (heard.length === 0) continue;
      try {
        await follower.hear(heard);
      } catch (error) {
        log.error({ err: error }, 'a follower of events failed');
      }
    }
  }
}
