import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import type { Clock } from '@holdfast/kernel';
import { limits } from '@holdfast/protocol';
import type { Logger } from 'pino';
import type { DatagramCounts } from './datagram-counts.ts';
import { hasAnswer, type HeartbeatDoor } from './heartbeat-door.ts';
import { PresenceError } from './presence.errors.ts';
import { TimeBudget } from './time-budget.ts';

/** Room for the heartbeats of a second while the process is busy elsewhere; the system may grant less. */
const RECEIVE_BUFFER_BYTES = 8 << 20;
const ANY_IPV4 = '0.0.0.0';
const ANY_IPV6 = '::';

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

/** A bound socket that answers heartbeats. */
export interface UdpListener {
  readonly port: number;
  /** Sends and forgets, also to an IPv4 address where the socket is of the other kind. */
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
  const socket = await bind(options);
  const { door, counts, clock, log } = options;
  const budget = new TimeBudget({ windowMs: 100, share: options.share ?? 0.7 });
  socket.on('message', (bytes: Buffer, from: RemoteInfo) => {
    const startedAtMs = clock.monotonic();
    if (!budget.hasTimeAt(startedAtMs)) {
      counts.add('over-budget');
      return;
    }
    // One buffer for each answer: the socket sends it later.
    const answer = Buffer.allocUnsafe(limits.minDatagramBytes);
    const outcome = door.receive(bytes, 'heartbeat-udp', answer, from);
    counts.add(outcome);
    // An answer that cannot be sent is a lost datagram like any other.
    if (hasAnswer(outcome)) socket.send(answer, from.port, from.address, () => {});
    budget.spend(clock.monotonic() - startedAtMs);
  });
  socket.on('error', (error) => log.warn({ err: error }, 'the socket for heartbeats reported an error'));
  return {
    port: socket.address().port,
    send(bytes, port, address) {
      const isMapped = socket.address().family === 'IPv6' && !address.includes(':');
      // A datagram that cannot be sent is a lost one.
      socket.send(bytes, port, isMapped ? `::ffff:${address}` : address, () => {});
    },
    async close() {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}

async function bind(options: UdpListenerOptions): Promise<Socket> {
  try {
    return await bindTo(options.host, options.port);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    // A computer without IPv6 has no address that means every address of both kinds.
    const isWithoutIpv6 = options.host === ANY_IPV6 && (code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL');
    if (isWithoutIpv6) return await bind({ ...options, host: ANY_IPV4 });
    if (code === 'EADDRINUSE' || code === 'EACCES') {
      throw new PresenceError(
        'UDP_PORT_IN_USE',
        `The UDP port ${options.port} for heartbeats is in use or not allowed.`,
        {
          cause: error,
          facts: { port: options.port, systemCode: code },
          remedy: 'Stop the other program, or choose another port with HOLDFAST_UDP_PORT.',
        },
      );
    }
    throw new PresenceError('UDP_ADDRESS_UNAVAILABLE', 'The address for heartbeats cannot be used.', {
      cause: error,
      facts: { host: options.host, systemCode: code },
      remedy: 'Set HOLDFAST_HOST to an address of this computer.',
    });
  }
}

async function bindTo(host: string, port: number): Promise<Socket> {
  const { address, family } = await lookup(host);
  // "Every address" means both kinds, through one socket.
  const type = family === 6 || host === ANY_IPV6 ? 'udp6' : 'udp4';
  const socket = createSocket({ type, ipv6Only: false, recvBufferSize: RECEIVE_BUFFER_BYTES });
  try {
    const listening = once(socket, 'listening');
    socket.bind(port, address);
    await listening;
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}
