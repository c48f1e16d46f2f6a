import type { Clock } from '@holdfast/kernel';

export interface BucketSettings {
  /** How many may come at once. */
  readonly burst: number;
  /** How many more each second. */
  readonly perSecond: number;
}

/** The outcome of asking for one more: zero means go ahead, else how long to wait for it. */
export type WaitMs = number;

const MAX_KEYS = 50_000;
const ROUNDING = 1e-6;

/**
 * Token buckets by key. Memory is bounded: beyond the bound the bucket that was used least recently is forgotten,
 * which forgives its key and nobody else.
 */
export class TokenBuckets {
  readonly #settings: BucketSettings;
  readonly #clock: Clock;
  readonly #maxKeys: number;
  // Insertion order is order of use: a touched bucket moves to the end.
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  constructor(settings: BucketSettings, clock: Clock, maxKeys = MAX_KEYS) {
    this.#settings = settings;
    this.#clock = clock;
    this.#maxKeys = maxKeys;
  }

  /** Takes so many tokens of `key` when there are as many; else none, and says when they will be there. */
  take(key: string, count = 1): WaitMs {
    const tokens = this.#refill(key);
    // Fractions of a token that rounding ate are given back.
    const isAllowed = tokens >= count - ROUNDING;
    if (isAllowed) this.#keep(key, Math.max(0, tokens - count));
    return isAllowed ? 0 : this.#waitFor(count - ROUNDING - tokens);
  }

  /** Takes what a piece of work has cost, which is known only afterwards: the bucket may fall below nothing. */
  charge(key: string, cost: number): void {
    this.#keep(key, this.#refill(key) - cost);
  }

  /** How long until `key` is out of debt; zero while it has anything left. */
  waitMs(key: string): WaitMs {
    const tokens = this.#refill(key);
    return tokens > 0 ? 0 : Math.max(1, this.#waitFor(-tokens));
  }

  #refill(key: string): number {
    const { burst, perSecond } = this.#settings;
    const now = this.#clock.monotonic();
    const known = this.#buckets.get(key);
    const tokens =
      known === undefined ? burst : Math.min(burst, known.tokens + ((now - known.at) * perSecond) / 1000);
    this.#keep(key, tokens);
    return tokens;
  }

  #keep(key: string, tokens: number): void {
    this.#buckets.delete(key);
    if (this.#buckets.size >= this.#maxKeys) {
      const oldest = this.#buckets.keys().next().value;
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    this.#buckets.set(key, { tokens, at: this.#clock.monotonic() });
  }

  #waitFor(tokens: number): WaitMs {
    return Math.ceil((tokens * 1000) / this.#settings.perSecond);
  }

  get size(): number {
    return this.#buckets.size;
  }
}

/**
 * The part of an address that one caller commands: all of an IPv4 address, the first 64 bits of an IPv6 one, because
 * whoever has one of these usually has the whole network.
 */
export function addressKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped !== null) return mapped[1] ?? address;
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const rest = tail === '' ? [] : tail.split(':');
    while (groups.length + rest.length < 8) groups.push('0');
    groups.push(...rest);
  }
  return `${groups.slice(0, 4).join(':')}::/64`;
}
