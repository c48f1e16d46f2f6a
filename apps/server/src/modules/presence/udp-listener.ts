import type { RemoteInfo, Socket } from 'node:dgram';
import type { Clock } from '@holdfast/kernel';
import { limits } from '@holdfast/protocol';
import type { Logger } from 'pino';
import type { DatagramCounts } from './datagram-counts.ts';
import { hasAnswer, type HeartbeatDoor } from './heartbeat-door.ts';
import { TimeBudget } from './time-budget.ts';
import { UdpSockets } from './udp-sockets.ts';

export interface UdpListenerOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly door: HeartbeatDoor;
  readonly counts: DatagramCounts;
  readonly clock: Clock;
  readonly log: Logger;
  /** Part of this process's time that datagrams may take; the rest belongs to everything else. */
  readonly share?: number;
}

/** Bound sockets that answer heartbeats. */
export interface UdpListener {
  readonly port: number;
  /** Sends and forgets. With several addresses it goes out from each: only the one that the product knows gets through. */
  send(bytes: Uint8Array, port: number, address: string): void;
  close(): Promise<void>;
}

/**
 * Receives heartbeats until it is closed. A flood of datagrams, good or bad, takes at most its share of the time:
 * the rest is dropped unread and counted, and requests of administrators go on being answered.
 *
 * @throws PresenceError UDP_PORT_IN_USE, UDP_ADDRESS_UNAVAILABLE
 */
export async function openUdpListener(options: UdpListenerOptions): Promise<UdpListener> {
  const { door, counts, clock, log } = options;
  const budget = new TimeBudget({ windowMs: 100, share: options.share ?? 0.7 });
  const receive = (socket: Socket, bytes: Buffer, from: RemoteInfo): void => {
    const startedAtMs = clock.monotonic();
    if (!budget.hasTimeAt(startedAtMs)) {
      counts.add('over-budget');
      return;
    }
    // One buffer for each answer: the socket sends it later.
    const answer = Buffer.allocUnsafe(limits.minDatagramBytes);
    const outcome = door.receive(bytes, 'heartbeat-udp', answer, from);
    counts.add(outcome);
    // Without a callback, an answer that cannot be sent is a lost datagram like any other.
    if (hasAnswer(outcome)) socket.send(answer, from.port, from.address);
    budget.spend(clock.monotonic() - startedAtMs);
  };
  const sockets = await UdpSockets.open({
    ...options,
    use(socket) {
      socket.on('message', (bytes: Buffer, from: RemoteInfo) => receive(socket, bytes, from));
      socket.on('error', (error) => log.warn({ err: error }, 'a socket for heartbeats reported an error'));
    },
  });
  return {
    port: sockets.port,
    send: (bytes, port, address) => sockets.send(bytes, port, address),
    close: () => sockets.close(),
  };
}
