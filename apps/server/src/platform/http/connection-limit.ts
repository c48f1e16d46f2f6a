import type { Server, Socket } from 'node:net';
import { addressKey } from '../rate-limit/token-buckets.ts';

/**
 * Ends connections of a network that holds its share already, before anything is read from them. Without it one
 * computer takes all connections that the server has, and administrators find none. Invariant: what is counted is
 * open; a connection that ends, however it ends, leaves the count.
 *
 * @param maxPerNetwork how many connections one network may hold open at the same time
 */
export function installConnectionLimit(server: Server, maxPerNetwork: number): void {
  const counts = new Map<string, number>();
  // In front of the listeners of TLS and HTTP, which would begin to work on the connection.
  server.prependListener('connection', (socket: Socket) => {
    const { remoteAddress } = socket;
    if (remoteAddress === undefined) return;
    const network = addressKey(remoteAddress);
    const count = counts.get(network) ?? 0;
    if (count >= maxPerNetwork) {
      socket.destroy();
      return;
    }
    counts.set(network, count + 1);
    socket.once('close', () => {
      const left = (counts.get(network) ?? 1) - 1;
      if (left > 0) counts.set(network, left);
      else counts.delete(network);
    });
  });
}
