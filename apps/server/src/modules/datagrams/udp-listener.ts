import type { Socket } from 'node:dgram';
import type { Logger } from 'pino';
import { DatagramIntake, type DatagramIntakeOptions } from './datagram-intake.ts';
import { UdpReceivers } from './udp-receivers.ts';
import { type UdpListener, UdpSockets } from './udp-sockets.ts';

export interface UdpListenerOptions extends DatagramIntakeOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly log: Logger;
  /** How many threads receive and send; 1, the default, is this one. */
  readonly receivers?: number;
}

/** From so many products on, two threads that receive are worth the memory of two threads (some 25 MiB each). */
const WORTHWHILE_PRODUCTS = 10_000;

/**
 * How many threads receive heartbeats when nobody said so: the server's own, or two of their own for a large fleet, where
 * the system shares a port among sockets and there is a core for it.
 */
export function planReceivers(productCount: number, cores: number, platform: NodeJS.Platform): number {
  return productCount >= WORTHWHILE_PRODUCTS && cores >= 2 && platform === 'linux' ? 2 : 1;
}

/**
 * Receives heartbeats until it is closed.
 *
 * @throws DatagramsError UDP_PORT_IN_USE, UDP_ADDRESS_UNAVAILABLE, UDP_RECEIVERS_UNSUPPORTED
 */
export async function openUdpListener(options: UdpListenerOptions): Promise<UdpListener> {
  const { host, port, log, receivers = 1 } = options;
  const intake = new DatagramIntake(options);
  if (receivers > 1)
    return await UdpReceivers.open({ host, port, log, intake, counts: options.counts, receivers });
  return await UdpSockets.open({
    host,
    port,
    isShared: false,
    use(socket: Socket) {
      // Without a callback, an answer that cannot be sent is a lost datagram like any other.
      socket.on('message', (bytes, from) => intake.receive(bytes, from, socket));
      socket.on('error', (error) => log.warn({ err: error }, 'a socket for heartbeats reported an error'));
    },
  });
}
