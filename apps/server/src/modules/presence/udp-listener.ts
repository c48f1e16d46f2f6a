import type { Socket } from 'node:dgram';
import type { Logger } from 'pino';
import { DatagramDesk, type DatagramDeskOptions } from './datagram-desk.ts';
import { UdpReceivers } from './udp-receivers.ts';
import { UdpSockets } from './udp-sockets.ts';

export interface UdpListenerOptions extends DatagramDeskOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly log: Logger;
  /** How many threads receive and send; 1, the default, is this one. */
  readonly receivers?: number;
}

/** Bound sockets that answer heartbeats. */
export interface UdpListener {
  readonly port: number;
  /** Sends and forgets. With several addresses it goes out from each: only the one that the product knows gets through. */
  send(bytes: Uint8Array, port: number, address: string): void;
  close(): Promise<void>;
}

/**
 * Receives heartbeats until it is closed.
 *
 * @throws PresenceError UDP_PORT_IN_USE, UDP_ADDRESS_UNAVAILABLE, UDP_RECEIVERS_UNSUPPORTED
 */
export async function openUdpListener(options: UdpListenerOptions): Promise<UdpListener> {
  const { host, port, log, receivers = 1 } = options;
  const desk = new DatagramDesk(options);
  if (receivers > 1)
    return await UdpReceivers.open({ host, port, log, desk, counts: options.counts, receivers });
  return await UdpSockets.open({
    host,
    port,
    isShared: false,
    use(socket: Socket) {
      // Without a callback, an answer that cannot be sent is a lost datagram like any other.
      socket.on('message', (bytes, from) => desk.receive(bytes, from, socket));
      socket.on('error', (error) => log.warn({ err: error }, 'a socket for heartbeats reported an error'));
    },
  });
}
