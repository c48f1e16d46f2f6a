import type { Server, Socket } from 'node:net';
import type { Clock } from '@holdfast/kernel';
import { addressKey, type BucketSettings, TokenBuckets } from '../rate-limit/token-buckets.ts';

export interface ConnectionLimits {
  /** How many connections one network may hold open at the same time. */
  readonly maxPerNetwork: number;
  /** How many all strangers together may hold; what the server has beyond is kept for networks that it knows. */
  readonly maxOfStrangers: number;
  readonly isKnown: (address: string) => boolean;
  readonly clock: Clock;
  /** New connections of one network. */
  readonly rates?: { readonly known: BucketSettings; readonly stranger: BucketSettings };
}

// A TLS handshake takes two milliseconds of the only thread. Two hundred agents behind one address may start together
// and come again at once; a whole site that came back from an outage is known, and gets in within seconds.
const RATES = {
  known: { burst: 4_000, perSecond: 200 },
  stranger: { burst: 600, perSecond: 20 },
} as const;

/**
 * Ends connections of a network that holds its share already or comes too fast, and of strangers who hold theirs together, before
 * anything is read from them. Without it one computer, or a few, take all connections that the server has, and
 * administrators find none. Invariant: what is counted is open; a connection that ends, however it ends, leaves the
 * count. A connection stays what it was when it came.
 */
export function installConnectionLimit(
  server: Server,
  limits: ConnectionLimits,
): { readonly refused: () => number } {
  const rates = limits.rates ?? RATES;
  const known = new TokenBuckets(rates.known, limits.clock);
  const unknown = new TokenBuckets(rates.stranger, limits.clock);
  let refused = 0;
  const counts = new Map<string, number>();
  let strangers = 0;
  // In front of the listeners of TLS and HTTP, which would begin to work on the connection.
  server.prependListener('connection', (socket: Socket) => {
    const { remoteAddress } = socket;
    if (remoteAddress === undefined) return;
    const network = addressKey(remoteAddress);
    const count = counts.get(network) ?? 0;
    const isStranger = !limits.isKnown(remoteAddress);
    const isFull = count >= limits.maxPerNetwork || (isStranger && strangers >= limits.maxOfStrangers);
    if (isFull || (isStranger ? unknown : known).take(network) > 0) {
      refused += 1;
      socket.destroy();
      return;
    }
    counts.set(network, count + 1);
    if (isStranger) strangers += 1;
    socket.once('close', () => {
      const left = (counts.get(network) ?? 1) - 1;
      if (left > 0) counts.set(network, left);
      else counts.delete(network);
      if (isStranger) strangers -= 1;
    });
  });
  return { refused: () => refused };
}
