import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { DatagramsError } from './datagrams.errors.ts';

/** Room for the heartbeats of a second while the process is busy elsewhere; the system may grant less. */
const RECEIVE_BUFFER_BYTES = 8 << 20;
const ANY_IPV4 = '0.0.0.0';
const ANY_IPV6 = '::';
/** How soon an address that comes or goes is noticed. */
const LOOK_INTERVAL_MS = 10_000;
const MAX_ATTEMPTS = 10;

/** Where datagrams come from and go to. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** Bound sockets that answer heartbeats. */
export interface UdpListener {
  readonly port: number;
  /** Sends and forgets. With several addresses it goes out from each: only the one that the product knows gets through. */
  send(bytes: Uint8Array, port: number, address: string): void;
  close(): Promise<void>;
}

export interface UdpSocketsOptions {
  /** An address, or one that means all of this computer. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Whether the port is shared with other sockets that say so: then each sender is given to one of them. */
  readonly isShared: boolean;
  /** Called with each socket when it is bound. */
  readonly use: (socket: Socket) => void;
}

/**
 * One port on one address, or on every address of this computer. Then each address has a socket of its own: the answers of a socket
 * for all of them come from whichever address the way back leads through, and a product, or the router before it, drops
 * what comes from another address than it wrote to. Addresses that come and go are followed.
 */
export class UdpSockets implements UdpListener {
  readonly #options: UdpSocketsOptions;
  readonly #sockets = new Map<string, Socket>();
  #port: number;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  private constructor(options: UdpSocketsOptions) {
    this.#options = options;
    this.#port = options.port;
  }

  /** @throws DatagramsError UDP_PORT_IN_USE, UDP_ADDRESS_UNAVAILABLE */
  static async open(options: UdpSocketsOptions): Promise<UdpSockets> {
    for (let attempt = 1; ; attempt += 1) {
      const sockets = new UdpSockets(options);
      try {
        await sockets.#openAll();
        return sockets;
      } catch (error) {
        await sockets.close();
        // The system chose a port that is taken on another address: it chooses again.
        const isWorthAnother = options.port === 0 && codeOf(error) === 'EADDRINUSE' && attempt < MAX_ATTEMPTS;
        if (!isWorthAnother) throw toDatagramsError(error, options);
      }
    }
  }

  get port(): number {
    return this.#port;
  }

  send(bytes: Uint8Array, port: number, address: string): void {
    const plain = address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
    const family = plain.includes(':') ? 'IPv6' : 'IPv4';
    for (const socket of this.#sockets.values()) {
      // Without a callback, one that cannot be sent is a lost one, like any other.
      if (socket.address().family === family) socket.send(bytes, port, plain);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
    await Promise.all([...this.#sockets.values()].map(closeSocket));
    this.#sockets.clear();
  }

  async #openAll(): Promise<void> {
    const { host } = this.#options;
    if (host !== ANY_IPV4 && host !== ANY_IPV6) {
      await this.#add((await lookup(host)).address);
      return;
    }
    for (const address of listAddresses(host)) await this.#add(address).catch(ignoreGone);
    if (this.#sockets.size === 0) await this.#add(ANY_IPV4);
    this.#timer = setInterval(() => {
      this.#looking = this.#looking.then(() => this.#follow(host));
    }, LOOK_INTERVAL_MS).unref();
  }

  /** Addresses that came get a socket, those that went lose it. A port that is taken there is tried again at the next look. */
  async #follow(host: string): Promise<void> {
    const present = new Set(listAddresses(host));
    for (const [address, socket] of this.#sockets) {
      if (present.has(address) || address === ANY_IPV4) continue;
      this.#sockets.delete(address);
      await closeSocket(socket);
    }
    for (const address of present) {
      if (!this.#sockets.has(address)) await this.#add(address).catch(() => undefined);
    }
  }

  async #add(address: string): Promise<void> {
    const socket = await bind(address, this.#port, this.#options.isShared);
    this.#port = socket.address().port;
    this.#sockets.set(address, socket);
    this.#options.use(socket);
  }
}

/** Addresses of this computer. Those that hold on one link only need its name as well and are left out. */
function listAddresses(host: string): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, scopeid }) => family === 'IPv4' || (host === ANY_IPV6 && (scopeid ?? 0) === 0))
    .map(({ address }) => address);
}

async function bind(address: string, port: number, isShared: boolean): Promise<Socket> {
  const type = address.includes(':') ? 'udp6' : 'udp4';
  const socket = createSocket({
    type,
    ...(type === 'udp6' ? { ipv6Only: true } : {}),
    ...(isShared ? { reusePort: true } : {}),
    lookup: takeLiterally,
    recvBufferSize: RECEIVE_BUFFER_BYTES,
  });
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

/** Sockets here are told addresses and never names: the way through the resolver costs as much as verifying a heartbeat. */
function takeLiterally(
  address: string,
  _options: unknown,
  callback: (error: null, address: string, family: number) => void,
): void {
  callback(null, address, address.includes(':') ? 6 : 4);
}

async function closeSocket(socket: Socket): Promise<void> {
  const closed = once(socket, 'close');
  socket.close();
  await closed;
}

/** Between the list and the socket an address may have gone; one of IPv6 may not be ready yet. */
function ignoreGone(error: unknown): void {
  const code = codeOf(error);
  if (code !== 'EADDRNOTAVAIL' && code !== 'EAFNOSUPPORT') throw error;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function toDatagramsError(error: unknown, { host, port }: UdpSocketsOptions): DatagramsError {
  const systemCode = codeOf(error);
  if (systemCode === 'EADDRINUSE' || systemCode === 'EACCES') {
    return new DatagramsError(
      'UDP_PORT_IN_USE',
      `The UDP port ${port} for heartbeats is in use or not allowed.`,
      {
        cause: error,
        facts: { port, systemCode },
        remedy: 'Stop the other program, or choose another port with HOLDFAST_UDP_PORT.',
      },
    );
  }
  if (systemCode === 'ENOTSUP') {
    return new DatagramsError(
      'UDP_RECEIVERS_UNSUPPORTED',
      'This system cannot share a UDP port among several receivers.',
      { cause: error, facts: { port, systemCode }, remedy: 'Set HOLDFAST_UDP_RECEIVERS to 1.' },
    );
  }
  return new DatagramsError('UDP_ADDRESS_UNAVAILABLE', 'The address for heartbeats cannot be used.', {
    cause: error,
    facts: { host, systemCode },
    remedy: 'Set HOLDFAST_HOST to an address of this computer.',
  });
}
