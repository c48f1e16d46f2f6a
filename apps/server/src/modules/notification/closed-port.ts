import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import type { Endpoint } from './call-table.ts';

const TIMEOUT_MS = 500;

/**
 * Whether the computer at this address says that nobody listens at this port, as systems do by themselves (RFC 1122, section 4.1.3.1
 * for UDP and 4.2.2.13 for TCP). False where nothing is said: a firewall that drops, a computer that is off. A firewall that refuses says the
 * same as a closed port, so this alone proves nothing.
 */
export async function isPortClosed(way: 'udp' | 'direct', at: Endpoint): Promise<boolean> {
  return (await (way === 'direct' ? findTcpRefusal(at) : findUdpRefusal(at))) === 'ECONNREFUSED';
}

function findTcpRefusal({ address, port }: Endpoint): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const end = (code?: string): void => {
      socket.destroy();
      resolve(code);
    };
    socket.setTimeout(TIMEOUT_MS, end);
    socket.once('connect', () => end());
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code));
  });
}

/** Only a socket that is connected hears of refusals. The datagram is empty: whoever listens drops it. */
function findUdpRefusal({ address, port }: Endpoint): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    const timer = setTimeout(() => end(), TIMEOUT_MS);
    let isOver = false;
    const end = (code?: string): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      socket.close();
      resolve(code);
    };
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code));
    // The callback is told the failure instead of the event, though its type does not say so.
    socket.connect(port, address, (failure?: NodeJS.ErrnoException) => {
      if (failure !== undefined) return end(failure.code);
      socket.send(Buffer.alloc(0), (error: NodeJS.ErrnoException | null) => {
        if (error !== null) end(error.code);
      });
    });
  });
}
