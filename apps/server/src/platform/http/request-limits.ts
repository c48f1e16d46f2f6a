import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '@holdfast/kernel';
import { ConcurrencyLimiter, type ConcurrencyLimits } from '../rate-limit/concurrency-limiter.ts';
import { BodyRoom, type BodyPlace } from '../rate-limit/body-room.ts';
import { addressKey, type BucketSettings, TokenBuckets } from '../rate-limit/token-buckets.ts';
import { HttpError } from './http.errors.ts';
import type { PacingSettings } from './refusal-pacer.ts';
import type { McpRequestClass } from './route-registrar.ts';

/**
 * Requests are limited by class, and no class can use up what another needs: a storm of agents leaves the console
 * alone, and guesses at the sign-in page leave agents alone. API keys are classes of their own, so that what programs ask for leaves
 * people alone; `heavy` calls read much.
 */
export type RequestClass =
  | 'page'
  | 'description'
  | 'download'
  | 'public'
  | 'api'
  | 'api-heavy'
  | 'api-key'
  | 'api-key-heavy'
  | `mcp-${McpRequestClass}`;

export interface ClassLimits {
  /** For each network address, before anything is known about the caller. */
  readonly byAddress?: BucketSettings;
  /** For each administrator, API key or product, once known. */
  readonly byActor?: BucketSettings;
  /** How many calls of one administrator, API key or product are taken at once; more are refused. */
  readonly maxAtOnce?: number;
  /** For all callers together: how many are worked on at once. */
  readonly concurrency?: ConcurrencyLimits;
  /** Bodies are those of products: their bytes and the thread's time that they take are bounded together. */
  readonly isProductWork?: boolean;
}

export interface RequestLimitSettings extends PacingSettings {
  readonly classes: Readonly<Record<RequestClass, ClassLimits>>;
  /** Bytes of the bodies of products that are on their way or wait for their turn, all together. */
  readonly maxProductBodyBytes: number;
  /** The same of callers who prove themselves by the body, so that strangers leave products alone. */
  readonly maxStrangerBodyBytes: number;
  /** How long a body of either may take to arrive when others find no room. */
  readonly bodyPatienceMs: number;
  /** Bytes of the bodies of one product. */
  readonly productBytes: BucketSettings;
  /** Milliseconds of the thread that reading the bodies of one product may take. */
  readonly productThreadMs: BucketSettings;
  /** The same of all products together. What goes beyond waits; administrators have the rest. */
  readonly allProductsThreadMs: BucketSettings;
}

/**
 * Limits for products are wide by address, because a whole site often comes from one; what protects the server there
 * is the bound on those in work, and the limit of each product. One product may work off a full claim without a pause: that takes two calls
 * with reports for each command, and for `collect-inventory` one with the facts as well.
 */
export const defaultRequestLimits: RequestLimitSettings = {
  classes: {
    page: { byAddress: { burst: 600, perSecond: 100 } },
    // A quarter of a megabyte for everybody who asks: enough to read it, too little to load the line with it.
    description: { byAddress: { burst: 10, perSecond: 0.1 } },
    // Files for everybody; how many are sent at once is bounded as well.
    download: { byAddress: { burst: 60, perSecond: 1 } },
    public: { byAddress: { burst: 60, perSecond: 2 } },
    api: {
      byAddress: { burst: 4_000, perSecond: 400 },
      byActor: { burst: 1_000, perSecond: 100 },
      maxAtOnce: 32,
    },
    'api-heavy': { maxAtOnce: 6, concurrency: { maxRunning: 6, maxWaiting: 60 } },
    // One key alone never has all the places of the others, however slow what it asks for.
    'api-key': { maxAtOnce: 4, concurrency: { maxRunning: 8, maxWaiting: 200 } },
    // Nor here, and none has those of people.
    'api-key-heavy': { maxAtOnce: 2, concurrency: { maxRunning: 3, maxWaiting: 60 } },
    'mcp-public': { byAddress: { burst: 4_000, perSecond: 400 } },
    // They are decided together, by one connection to the database, and few of them alone.
    'mcp-registration': {
      byAddress: { burst: 2_000, perSecond: 50 },
      concurrency: { maxRunning: 32, maxWaiting: 400 },
      isProductWork: true,
    },
    'mcp-handshake': {
      byAddress: { burst: 4_000, perSecond: 200 },
      concurrency: { maxRunning: 4, maxWaiting: 800 },
      isProductWork: true,
    },
    // The server tries the product's listener before it answers, so many wait at the same time and for nothing of ours.
    'mcp-transport': {
      byAddress: { burst: 4_000, perSecond: 200 },
      byActor: { burst: 20, perSecond: 0.5 },
      maxAtOnce: 2,
      concurrency: { maxRunning: 128, maxWaiting: 800 },
      isProductWork: true,
    },
    'mcp-heartbeat': {},
    // They are carried out together, by two connections to the database.
    'mcp-claims': {
      byActor: { burst: 200, perSecond: 10 },
      maxAtOnce: 4,
      concurrency: { maxRunning: 128, maxWaiting: 800 },
      isProductWork: true,
    },
    'mcp-commands': {
      byActor: { burst: 200, perSecond: 10 },
      maxAtOnce: 4,
      concurrency: { maxRunning: 6, maxWaiting: 800 },
      isProductWork: true,
    },
    'mcp-inventory': {
      byActor: { burst: 60, perSecond: 1 },
      maxAtOnce: 2,
      concurrency: { maxRunning: 2, maxWaiting: 64 },
      isProductWork: true,
    },
    // How many files are sent at once, and how fast, their module bounds; this is for questions whose answer is short.
    'mcp-files': { byActor: { burst: 400, perSecond: 10 } },
    'mcp-components': {
      byActor: { burst: 60, perSecond: 1 },
      maxAtOnce: 2,
      concurrency: { maxRunning: 2, maxWaiting: 400 },
      isProductWork: true,
    },
    'mcp-notifications': { byActor: { burst: 10, perSecond: 0.2 } },
    // What a product gathered while its server was away: some ten thousand entries at once, then two batches a second.
    'mcp-logs': {
      byActor: { burst: 40, perSecond: 2 },
      maxAtOnce: 2,
      concurrency: { maxRunning: 3, maxWaiting: 400 },
      isProductWork: true,
    },
  },
  maxProductBodyBytes: 48 * 1024 * 1024,
  // Five thousand registrations of usual length.
  maxStrangerBodyBytes: 16 * 1024 * 1024,
  // Longer than a full batch takes on a line of 3 Mbit/s.
  bodyPatienceMs: 3_000,
  // Makes a storm a trickle, and is short for whoever has to wait longer anyway.
  refusalPauseMs: 1_000,
  // A site whose products all have to shake hands again is through with it; a refusal costs a tenth of a millisecond.
  refusals: { burst: 400, perSecond: 40 },
  // A journal that filled up during a long outage goes at once; nothing a product does by the day comes near the rate.
  productBytes: { burst: 24 * 1024 * 1024, perSecond: 256 * 1024 },
  // A full batch costs some ten milliseconds: twenty-five of them at once, then a twentieth of the thread.
  productThreadMs: { burst: 250, perSecond: 50 },
  allProductsThreadMs: { burst: 250, perSecond: 500 },
};

const EVERYBODY = 'everybody';

/** The limits at work, with their counters. */
export class RequestLimits {
  readonly #classes: ReadonlyMap<RequestClass, LimitsOfClass>;
  readonly #productBodies: BodyRoom;
  readonly #strangerBodies: BodyRoom;
  readonly pacing: PacingSettings;
  readonly #productBytes: TokenBuckets;
  readonly #productThread: TokenBuckets;
  readonly #allProductsThread: TokenBuckets;

  constructor(clock: Clock, settings: RequestLimitSettings = defaultRequestLimits) {
    this.#classes = new Map(
      Object.entries(settings.classes).map(([name, limits]) => [
        name as RequestClass,
        {
          byAddress: limits.byAddress && new TokenBuckets(limits.byAddress, clock),
          byActor: limits.byActor && new TokenBuckets(limits.byActor, clock),
          maxAtOnce: limits.maxAtOnce,
          atOnce: new Map(),
          concurrency: limits.concurrency && new ConcurrencyLimiter(limits.concurrency),
          isProductWork: limits.isProductWork ?? false,
        },
      ]),
    );
    this.pacing = settings;
    const { maxProductBodyBytes, maxStrangerBodyBytes, bodyPatienceMs: patienceMs } = settings;
    this.#productBodies = new BodyRoom({ maxBytes: maxProductBodyBytes, patienceMs }, clock);
    this.#strangerBodies = new BodyRoom({ maxBytes: maxStrangerBodyBytes, patienceMs }, clock);
    this.#productBytes = new TokenBuckets(settings.productBytes, clock);
    this.#productThread = new TokenBuckets(settings.productThreadMs, clock);
    this.#allProductsThread = new TokenBuckets(settings.allProductsThreadMs, clock);
  }

  /** @throws HttpError RATE_LIMITED */
  countAddress(requestClass: RequestClass, address: string): void {
    refuseIfWaiting(this.#classes.get(requestClass)?.byAddress?.take(addressKey(address)) ?? 0);
  }

  /** @throws HttpError RATE_LIMITED */
  countActor(requestClass: RequestClass, actorKey: string): void {
    refuseIfWaiting(this.#classes.get(requestClass)?.byActor?.take(actorKey) ?? 0);
  }

  /** Whether nothing at all limits calls of the class. */
  isUnlimited(requestClass: RequestClass): boolean {
    const limits = this.#classes.get(requestClass);
    return (
      limits !== undefined &&
      [limits.byAddress, limits.byActor, limits.maxAtOnce, limits.concurrency].every(
        (limit) => limit === undefined,
      )
    );
  }

  /**
   * Before the body of a call is read: a place among its caller's calls, and room for the body. Cheap refusals come first.
   *
   * @param actorKey undefined for callers who prove themselves by the body
   * @param dropCaller ends the connection of a body that arrives too slowly while others find no room
   * @throws HttpError RATE_LIMITED, SERVER_BUSY
   */
  admit(
    requestClass: RequestClass,
    actorKey: string | undefined,
    bodyBytes: number,
    dropCaller: () => void = () => {},
  ): RequestTurn {
    const limits = this.#classes.get(requestClass);
    if (limits === undefined) throw new TypeError(`No limits for the class ${requestClass}`);
    const { maxAtOnce, atOnce, isProductWork } = limits;
    if (actorKey !== undefined) {
      if (maxAtOnce !== undefined && (atOnce.get(actorKey) ?? 0) >= maxAtOnce)
        throw createTooManyAtOnceError(maxAtOnce);
      if (isProductWork) {
        refuseIfWaiting(this.#productThread.waitMs(actorKey));
        refuseIfWaiting(this.#productBytes.take(actorKey, bodyBytes));
      }
    }
    const room = actorKey === undefined ? this.#strangerBodies : this.#productBodies;
    const place = isProductWork ? room.enter(bodyBytes, dropCaller) : undefined;
    if (isProductWork && place === undefined) throw createBusyError();
    if (actorKey !== undefined) atOnce.set(actorKey, (atOnce.get(actorKey) ?? 0) + 1);
    return new RequestTurn({
      concurrency: limits.concurrency,
      place,
      findWaitMs: () => (isProductWork ? this.#allProductsThread.waitMs(EVERYBODY) : 0),
      charge: (ms) => {
        if (!isProductWork) return;
        this.#allProductsThread.charge(EVERYBODY, ms);
        if (actorKey !== undefined) this.#productThread.charge(actorKey, ms);
      },
      giveBack: () => {
        place?.leave();
        if (actorKey === undefined) return;
        const left = (atOnce.get(actorKey) ?? 0) - 1;
        if (left > 0) atOnce.set(actorKey, left);
        else atOnce.delete(actorKey);
      },
    });
  }
}

interface TurnParts {
  readonly concurrency: ConcurrencyLimiter | undefined;
  /** Of the body, where room for bodies is bounded. */
  readonly place: BodyPlace | undefined;
  /** How long the thread belongs to others. */
  readonly findWaitMs: () => number;
  readonly charge: (threadMs: number) => void;
  readonly giveBack: () => void;
}

/**
 * What one request holds of the server, from before its body is read until its answer has left or its connection has gone.
 * Invariant: nothing of a body is looked at before {@link take}, so that what waits costs its bytes and no more.
 */
export class RequestTurn {
  readonly #parts: TurnParts;
  #leave: (() => void) | undefined;
  #drop: (() => void) | undefined;
  #isTaken = false;
  #hasWaited = false;
  #isOver = false;
  #workingSince: number | undefined;

  constructor(parts: TurnParts) {
    this.#parts = parts;
  }

  /**
   * Waits for the turn; later calls do nothing. From here to {@link pause} the thread's time is counted.
   *
   * @throws HttpError SERVER_BUSY when too many wait, or nobody is there any more to have the answer
   */
  async take(): Promise<void> {
    if (this.#isTaken) return;
    this.#isTaken = true;
    const { concurrency, place, findWaitMs } = this.#parts;
    place?.arrived();
    if (concurrency !== undefined) {
      const leave = await concurrency.enter((drop) => {
        this.#hasWaited = true;
        this.#drop = drop;
      });
      if (leave === undefined || this.#isOver) {
        leave?.();
        throw createBusyError();
      }
      this.#leave = leave;
    }
    for (let waitMs = findWaitMs(); waitMs > 0; waitMs = findWaitMs()) {
      this.#hasWaited = true;
      await delay(Math.min(waitMs, MAX_PAUSE_MS));
      if (this.#isOver) throw createBusyError();
    }
    this.#workingSince = performance.now();
  }

  /** True when the turn did not come at once: what was known of the caller may not hold any more. */
  get hasWaited(): boolean {
    return this.#hasWaited;
  }

  /** The thread goes to somebody else: what was used of it since the turn came is counted. */
  pause(): void {
    if (this.#workingSince === undefined) return;
    this.#parts.charge(performance.now() - this.#workingSince);
    this.#workingSince = undefined;
  }

  /** The answer has left, or the connection has gone. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.pause();
    this.#drop?.();
    this.#leave?.();
    this.#parts.giveBack();
  }
}

/** Whoever waits looks again, because others may have been charged meanwhile. */
const MAX_PAUSE_MS = 50;

function createTooManyAtOnceError(maxAtOnce: number): HttpError {
  const retryAfterMs = 1_000;
  return new HttpError('RATE_LIMITED', 'Too many requests of this caller are under way.', {
    retry: 'safe',
    retryAfterMs,
    facts: { maxAtOnce, retryAfterMs },
    remedy: `Send at most ${maxAtOnce} such requests at once.`,
  });
}

function createBusyError(): HttpError {
  return new HttpError('SERVER_BUSY', 'The server has too many requests of this kind at the moment.', {
    retry: 'safe',
    // Spread out, so that those who were refused together do not come back together.
    retryAfterMs: 5_000 + Math.random() * 25_000,
  });
}

interface LimitsOfClass {
  readonly byAddress: TokenBuckets | undefined;
  readonly byActor: TokenBuckets | undefined;
  readonly maxAtOnce: number | undefined;
  /** Calls under way by caller. */
  readonly atOnce: Map<string, number>;
  readonly concurrency: ConcurrencyLimiter | undefined;
  readonly isProductWork: boolean;
}

function refuseIfWaiting(waitMs: number): void {
  if (waitMs === 0) return;
  throw new HttpError('RATE_LIMITED', 'There were too many requests in a short time.', {
    retry: 'safe',
    retryAfterMs: waitMs,
    facts: { retryAfterMs: waitMs },
    remedy: 'Wait until the time in the header Retry-After has passed, then try again.',
  });
}
