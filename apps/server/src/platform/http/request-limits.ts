import type { Clock } from '@holdfast/kernel';
import { AdmissionGate, type GateSettings } from '../rate-limit/admission-gate.ts';
import { addressKey, type BucketSettings, TokenBuckets } from '../rate-limit/token-buckets.ts';
import { HttpError } from './http.errors.ts';
import type { McpRequestClass } from './route-registrar.ts';

/**
 * Requests are limited by class, and no class can use up what another needs: a storm of agents leaves the console
 * alone, and guesses at the sign-in page leave agents alone.
 */
export type RequestClass = 'page' | 'description' | 'public' | 'api' | `mcp-${McpRequestClass}`;

export interface ClassLimits {
  /** For each network address, before anything is known about the caller. */
  readonly byAddress?: BucketSettings;
  /** For each administrator, API key or product, once known. */
  readonly byActor?: BucketSettings;
  /** For all callers together: how many are worked on at once. */
  readonly gate?: GateSettings;
}

export type RequestLimitSettings = Readonly<Record<RequestClass, ClassLimits>>;

/**
 * Limits for products are wide by address, because a whole site often comes from one; what protects the server there
 * is the gate, and the limit of each product. One product may work off a full claim without a pause: that takes two calls
 * with reports for each command, and for `collect-inventory` one with the facts as well.
 */
export const defaultRequestLimits: RequestLimitSettings = {
  page: { byAddress: { burst: 600, perSecond: 100 } },
  // A quarter of a megabyte for everybody who asks: enough to read it, too little to load the line with it.
  description: { byAddress: { burst: 10, perSecond: 0.1 } },
  public: { byAddress: { burst: 60, perSecond: 2 } },
  api: { byAddress: { burst: 4_000, perSecond: 400 }, byActor: { burst: 1_000, perSecond: 100 } },
  'mcp-public': { byAddress: { burst: 4_000, perSecond: 400 } },
  'mcp-registration': {
    byAddress: { burst: 2_000, perSecond: 50 },
    gate: { maxRunning: 4, maxWaiting: 400 },
  },
  'mcp-handshake': { byAddress: { burst: 4_000, perSecond: 200 }, gate: { maxRunning: 4, maxWaiting: 800 } },
  // The server tries the product's listener before it answers, so many wait at the same time and for nothing of ours.
  'mcp-transport': {
    byAddress: { burst: 4_000, perSecond: 200 },
    byActor: { burst: 20, perSecond: 0.5 },
    gate: { maxRunning: 128, maxWaiting: 800 },
  },
  'mcp-heartbeat': {},
  'mcp-commands': { byActor: { burst: 200, perSecond: 10 }, gate: { maxRunning: 6, maxWaiting: 800 } },
  'mcp-inventory': { byActor: { burst: 60, perSecond: 1 }, gate: { maxRunning: 2, maxWaiting: 64 } },
  'mcp-notifications': { byActor: { burst: 10, perSecond: 0.2 } },
  // What a product gathered while its server was away: some ten thousand entries at once, then two batches a second.
  'mcp-logs': { byActor: { burst: 40, perSecond: 2 }, gate: { maxRunning: 3, maxWaiting: 400 } },
};

/** The limits at work, with their counters. */
export class RequestLimits {
  readonly #classes: ReadonlyMap<RequestClass, LimitsOfClass>;

  constructor(clock: Clock, settings: RequestLimitSettings = defaultRequestLimits) {
    this.#classes = new Map(
      Object.entries(settings).map(([name, limits]) => [
        name as RequestClass,
        {
          byAddress: limits.byAddress && new TokenBuckets(limits.byAddress, clock),
          byActor: limits.byActor && new TokenBuckets(limits.byActor, clock),
          gate: limits.gate && new AdmissionGate(limits.gate),
        },
      ]),
    );
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
    return [limits?.byAddress, limits?.byActor, limits?.gate].every((limit) => limit === undefined);
  }

  /**
   * Runs `work` in its turn, where the class has a gate. `isWanted` is asked when the turn comes: nobody works for a
   * caller who has gone.
   *
   * @throws HttpError SERVER_BUSY
   */
  async inTurn<Result>(
    requestClass: RequestClass,
    isWanted: () => boolean,
    work: () => Promise<Result> | Result,
  ): Promise<Result> {
    const gate = this.#classes.get(requestClass)?.gate;
    if (gate === undefined) return await work();
    const leave = await gate.enter();
    if (leave === undefined) throw createBusyError();
    try {
      if (!isWanted()) throw createBusyError();
      return await work();
    } finally {
      leave();
    }
  }
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
  readonly gate: AdmissionGate | undefined;
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
