import type { Clock } from '@holdfast/kernel';
import { addressKey, type BucketSettings, TokenBuckets } from '../rate-limit/token-buckets.ts';
import { HttpError } from './http.errors.ts';

/** Each holds what its receiver has read ahead, some 64 KiB. */
const MAX_PAUSED = 500;
/** Of these, what strangers hold together: however many networks they have, hostile products of known ones still wait. */
const MAX_PAUSED_STRANGERS = 250;
/** A network that takes one more holds fewer than this part of those that are free. */
const SHARE = 1 / 4;

export interface PacingSettings {
  readonly refusalPauseMs: number;
  /** Of one network, those that need not wait. */
  readonly refusals: BucketSettings;
}

export interface PacerParts {
  readonly clock: Clock;
  /** Whether somebody at this address has proven lately who they are. */
  readonly isKnown: (address: string) => boolean;
}

/** A connection and its remote address. */
export interface PacedCaller {
  readonly connection: object;
  readonly address: string;
}

interface Pause {
  readonly timer: NodeJS.Timeout;
  readonly network: string;
  readonly isStranger: boolean;
  /** What waits for its end. Whoever sends ahead has several requests on one connection, whose answers leave in order anyway. */
  readonly ends: (() => void)[];
}

/**
 * Lets a caller who came too often, or was refused too often, wait for the refusal. Its connection is not read meanwhile, so one that
 * asks again at once on each of its connections costs a few refusals a second and not thousands, each with a body to throw away.
 */
export class RefusalPacer {
  readonly #pauseMs: number;
  readonly #refusals: TokenBuckets;
  readonly #pauses = new Map<object, Pause>();
  /** Connections of each network that wait. */
  readonly #held = new Map<string, number>();
  readonly #isKnown: PacerParts['isKnown'];
  #strangers = 0;

  constructor(settings: PacingSettings, { clock, isKnown }: PacerParts) {
    this.#isKnown = isKnown;
    this.#pauseMs = settings.refusalPauseMs;
    this.#refusals = new TokenBuckets(settings.refusals, clock);
  }

  /** Calls `done` with the refusal, where there is one; at once unless it has to wait. */
  finish(caller: PacedCaller, done: (refusal?: Error) => void, refusal: Error | undefined): void {
    if (refusal === undefined) return done();
    const asksToWait = refusal instanceof HttpError && refusal.retryAfterMs !== undefined;
    const isOneTooMany = this.#refusals.take(addressKey(caller.address)) > 0;
    if (asksToWait || isOneTooMany) this.pause(caller, () => done(refusal));
    else done(refusal);
  }

  /** Calls `end` after the pause, and at once when the network of this caller has its share of the places. */
  pause({ connection, address }: PacedCaller, end: () => void): void {
    const waiting = this.#pauses.get(connection);
    if (waiting !== undefined) return void waiting.ends.push(end);
    const network = addressKey(address);
    const held = this.#held.get(network) ?? 0;
    const isStranger = !this.#isKnown(address);
    const free = MAX_PAUSED - this.#pauses.size;
    const open = isStranger ? Math.min(free, MAX_PAUSED_STRANGERS - this.#strangers) : free;
    if (this.#pauseMs === 0 || held >= open * SHARE) return end();
    this.#held.set(network, held + 1);
    if (isStranger) this.#strangers += 1;
    const timer = setTimeout(() => this.#end(connection), this.#pauseMs);
    this.#pauses.set(connection, { timer, network, isStranger, ends: [end] });
  }

  /** Nobody is kept waiting by a server that stops. */
  close(): void {
    for (const connection of this.#pauses.keys()) this.#end(connection);
  }

  #end(connection: object): void {
    const pause = this.#pauses.get(connection);
    if (pause === undefined) return;
    clearTimeout(pause.timer);
    this.#pauses.delete(connection);
    const left = (this.#held.get(pause.network) ?? 1) - 1;
    if (left > 0) this.#held.set(pause.network, left);
    else this.#held.delete(pause.network);
    if (pause.isStranger) this.#strangers -= 1;
    for (const end of pause.ends) end();
  }
}
