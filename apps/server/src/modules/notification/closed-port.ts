import { connect } from 'node:net';
import type { Endpoint } from '../datagrams/index.ts';

const TIMEOUT_MS = 500;

/**
 * Whether the computer at this address says that nobody listens at this port, as systems do by themselves (RFC 9293, section 3.10.7.1).
 * False where nothing is said: a firewall that drops, a computer that is off.
 *
 * Not for UDP: the socket of a product takes datagrams of the server's own port only, and to all others its system says the same
 * while it runs.
 */
export function isPortClosed({ address, port }: Endpoint): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const end = (isClosed: boolean): void => {
      socket.destroy();
      resolve(isClosed);
    };
    socket.setTimeout(TIMEOUT_MS, () => end(false));
    socket.once('connect', () => end(false));
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code === 'ECONNREFUSED'));
  });
}
