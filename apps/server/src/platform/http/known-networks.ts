import type { Clock } from '@holdfast/kernel';
import { addressKey } from '../rate-limit/token-buckets.ts';

const MAX_NETWORKS = 50_000;
const LIFETIME_MS = 7 * 86_400_000;
/** A network that is known is written down again at most this often: nearly every request comes from one. */
const REWRITE_MS = 60_000;

/**
 * Networks from which somebody proved who they are lately: an administrator, an API key, a managed product. In memory
 * and bounded: beyond the bound the network that was seen least recently is a stranger again.
 */
export class KnownNetworks {
  readonly #clock: Clock;
  readonly #max: number;
  // Insertion order is order of use.
  readonly #seenAt = new Map<string, number>();

  constructor(clock: Clock, max = MAX_NETWORKS) {
    this.#clock = clock;
    this.#max = max;
  }

  remember(address: string): void {
    const network = addressKey(address);
    const now = this.#clock.monotonic();
    const seenAt = this.#seenAt.get(network);
    if (seenAt !== undefined && now - seenAt < REWRITE_MS) return;
    this.#seenAt.delete(network);
    if (this.#seenAt.size >= this.#max) {
      const oldest = this.#seenAt.keys().next().value;
      if (oldest !== undefined) this.#seenAt.delete(oldest);
    }
    this.#seenAt.set(network, now);
  }

  isKnown(address: string): boolean {
    const seenAt = this.#seenAt.get(addressKey(address));
    return seenAt !== undefined && this.#clock.monotonic() - seenAt < LIFETIME_MS;
  }
}
