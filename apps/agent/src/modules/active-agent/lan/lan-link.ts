import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { codeOf, describeError, type Log } from '../../../platform/log.ts';
import { findSegmentOf, isSameSegment, type Segment } from './segments.ts';

/** Administratively scoped (RFC 2365), so that no router carries it out of an organisation; besides, it lives for one hop only. */
export const lanGroupIpv4 = '239.255.72.70';
/** Link-local and not assigned by anybody (RFC 4291, section 2.7). */
export const lanGroupIpv6 = 'ff12::4846:1';
export const lanPort = 10_324;

/** Larger ones are not ours, and are dropped unread. */
const MAX_BYTES = 512;

export interface LanSource {
  readonly segment: Segment;
  readonly address: string;
  readonly port: number;
  /** It was sent to the group. */
  readonly isMulticast: boolean;
}

export interface LanLinkOptions {
  readonly port: number;
  readonly onDatagram: (bytes: Uint8Array, source: LanSource) => void;
  readonly log: Log;
}

/** The sockets of all segments. */
export interface LanLink {
  /** Opens and closes what has changed. What cannot be opened is tried again by the next call. */
  setSegments(segments: readonly Segment[]): void;
  sendToAll(segment: Segment, bytes: Uint8Array): void;
  sendTo(segment: Segment, to: { readonly address: string; readonly port: number }, bytes: Uint8Array): void;
  close(): void;
}

interface OpenSegment {
  readonly segment: Segment;
  /** Bound to the address of the interface: they send, and take what is sent to this computer alone. */
  ipv4: Socket | undefined;
  ipv6: Socket | undefined;
  /** Joined at the sockets that take what is sent to the group. */
  joinedIpv4: boolean;
  joinedIpv6: boolean;
}

/**
 * Multicast and unicast on every segment, by IPv4 and IPv6. The runtime does not say by which interface a datagram came: IPv6 has it in
 * the zone of its source, and of IPv4 the source has to be in the subnet of a segment, or it is dropped.
 */
export function createLanLink({ port, onDatagram, log }: LanLinkOptions): LanLink {
  const open = new Map<string, OpenSegment>();
  let groups: { ipv4: Socket | undefined; ipv6: Socket | undefined } = { ipv4: undefined, ipv6: undefined };
  /** Families whose socket is bound: joining before would bind it to some other port. */
  const ready = new Set<'ipv4' | 'ipv6'>();
  let isClosed = false;

  const listSegmentsOpen = (): Segment[] => [...open.values()].map(({ segment }) => segment);

  const note = (what: string, error: unknown): void => {
    log.debug('LAN_SOCKET_FAILED', `${what}: ${describeError(error)}`, { code: codeOf(error) });
  };

  const take = (bytes: Uint8Array, from: RemoteInfo, known: Segment | undefined): void => {
    if (isClosed || bytes.length > MAX_BYTES) return;
    const segment = known ?? findSegmentOf(from.address, listSegmentsOpen());
    if (segment === undefined) return;
    onDatagram(bytes, { segment, address: from.address, port: from.port, isMulticast: known === undefined });
  };

  /** A socket that forgets itself when it fails. */
  const bind = (
    type: 'udp4' | 'udp6',
    address: string,
    known: Segment | undefined,
    onReady: (socket: Socket) => void,
    onGone: () => void,
  ): Socket => {
    const socket = createSocket({ type, reuseAddr: true, ...(type === 'udp6' ? { ipv6Only: true } : {}) });
    socket.on('message', (bytes, from) => take(bytes, from, known));
    socket.on('error', (error) => {
      note(`A socket at ${address}`, error);
      closeSocket(socket);
      onGone();
    });
    socket.bind({ address, port, exclusive: true }, () => {
      try {
        onReady(socket);
      } catch (error) {
        note(`The options of a socket at ${address}`, error);
        closeSocket(socket);
        onGone();
      }
    });
    socket.unref();
    return socket;
  };

  const openGroup = (family: 'ipv4' | 'ipv6'): void => {
    if (groups[family] !== undefined) return;
    const [type, address] = family === 'ipv4' ? (['udp4', '0.0.0.0'] as const) : (['udp6', '::'] as const);
    const onReady = (): void => {
      ready.add(family);
      joinAll();
    };
    groups[family] = bind(type, address, undefined, onReady, () => {
      groups[family] = undefined;
      ready.delete(family);
      for (const one of open.values()) one[family === 'ipv4' ? 'joinedIpv4' : 'joinedIpv6'] = false;
    });
  };

  const joinAll = (): void => {
    for (const one of open.values()) {
      const { segment } = one;
      if (segment.ipv4 !== undefined && !one.joinedIpv4) {
        one.joinedIpv4 = join('ipv4', lanGroupIpv4, segment.ipv4.address);
      }
      if (segment.ipv6 !== undefined && !one.joinedIpv6) {
        one.joinedIpv6 = join('ipv6', lanGroupIpv6, `::%${segment.ipv6.zone}`);
      }
    }
  };

  const join = (family: 'ipv4' | 'ipv6', group: string, at: string): boolean => {
    if (!ready.has(family)) return false;
    try {
      groups[family]?.addMembership(group, at);
      return true;
    } catch (error) {
      // The interface is going away, or has no address yet: the next look tells.
      note(`Joining ${group} at ${at}`, error);
      return false;
    }
  };

  const openSegment = (one: OpenSegment): void => {
    const { segment } = one;
    if (segment.ipv4 !== undefined && one.ipv4 === undefined) {
      const { address } = segment.ipv4;
      const prepare = (socket: Socket): void => {
        socket.setMulticastInterface(address);
        socket.setMulticastTTL(1);
        socket.setMulticastLoopback(true);
      };
      one.ipv4 = bind('udp4', address, segment, prepare, () => {
        one.ipv4 = undefined;
      });
    }
    if (segment.ipv6 === undefined || one.ipv6 !== undefined) return;
    const { address, zone } = segment.ipv6;
    const prepare = (socket: Socket): void => {
      socket.setMulticastInterface(`::%${zone}`);
      socket.setMulticastTTL(1);
      socket.setMulticastLoopback(true);
    };
    one.ipv6 = bind('udp6', `${address}%${zone}`, segment, prepare, () => {
      one.ipv6 = undefined;
    });
  };

  const leave = (one: OpenSegment): void => {
    const { segment } = one;
    if (one.ipv4 !== undefined) closeSocket(one.ipv4);
    if (one.ipv6 !== undefined) closeSocket(one.ipv6);
    const drop = (socket: Socket | undefined, group: string, at: string): void => {
      try {
        socket?.dropMembership(group, at);
      } catch {
        // The interface is gone, and the membership with it.
      }
    };
    if (one.joinedIpv4) drop(groups.ipv4, lanGroupIpv4, segment.ipv4?.address ?? '');
    if (one.joinedIpv6) drop(groups.ipv6, lanGroupIpv6, `::%${segment.ipv6?.zone ?? ''}`);
  };

  const send = (socket: Socket | undefined, bytes: Uint8Array, toPort: number, address: string): void => {
    // What cannot be sent is as good as lost: the next beacon follows soon.
    socket?.send(bytes, toPort, address, () => undefined);
  };

  return {
    setSegments: (segments) => {
      if (isClosed) return;
      const wanted = new Map(segments.map((segment) => [segment.name, segment]));
      for (const [name, one] of open) {
        const now = wanted.get(name);
        if (now !== undefined && isSameSegment(now, one.segment)) continue;
        leave(one);
        open.delete(name);
      }
      for (const segment of segments) {
        if (open.has(segment.name)) continue;
        open.set(segment.name, {
          segment,
          ipv4: undefined,
          ipv6: undefined,
          joinedIpv4: false,
          joinedIpv6: false,
        });
      }
      if (segments.some(({ ipv4 }) => ipv4 !== undefined)) openGroup('ipv4');
      if (segments.some(({ ipv6 }) => ipv6 !== undefined)) openGroup('ipv6');
      for (const one of open.values()) openSegment(one);
      joinAll();
    },
    sendToAll: ({ name }, bytes) => {
      const one = open.get(name);
      send(one?.ipv4, bytes, port, lanGroupIpv4);
      send(one?.ipv6, bytes, port, `${lanGroupIpv6}%${one?.segment.ipv6?.zone ?? ''}`);
    },
    sendTo: ({ name }, to, bytes) => {
      const one = open.get(name);
      send(to.address.includes(':') ? one?.ipv6 : one?.ipv4, bytes, to.port, to.address);
    },
    close: () => {
      isClosed = true;
      for (const one of open.values()) leave(one);
      open.clear();
      if (groups.ipv4 !== undefined) closeSocket(groups.ipv4);
      if (groups.ipv6 !== undefined) closeSocket(groups.ipv6);
      groups = { ipv4: undefined, ipv6: undefined };
    },
  };
}

function closeSocket(socket: Socket): void {
  socket.removeAllListeners('message');
  try {
    socket.close();
  } catch {
    // It is closed already: an error of the binding has done it.
  }
}
