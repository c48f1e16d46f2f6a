/** From so many products on, two threads that receive are worth the memory of two threads (some 25 MiB each). */
const WORTHWHILE_PRODUCTS = 10_000;

/**
 * How many threads receive heartbeats when nobody said so: the server's own, or two of their own for a large fleet, where
 * the system shares a port among sockets and there is a core for it.
 */
export function planReceivers(productCount: number, cores: number, platform: NodeJS.Platform): number {
  return productCount >= WORTHWHILE_PRODUCTS && cores >= 2 && platform === 'linux' ? 2 : 1;
}
