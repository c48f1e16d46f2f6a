import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { limits } from '../limits.ts';

export interface NotificationListenerOptions {
  /** 0 lets the system choose. */
  readonly port: number;
  /** Every address of this computer unless told. */
  readonly host?: string;
  /** Judges exactly 56 bytes: the answer to a proven notification, `undefined` for everything else. */
  readonly answer: (bytes: Uint8Array) => Uint8Array | undefined;
  /** How long a connection may take; 2 seconds unless told. */
  readonly timeoutMs?: number;
}

export interface NotificationListener {
  readonly port: number;
  close(): void;
}

interface Caller {
  readonly address: string;
  readonly socket: Socket;
}

/**
 * Waits for calls of the server (docs/protocol.md, "Direct"): 56 bytes in, 56 bytes out, and not one byte for anybody who
 * proves nothing. It holds few connections at a time and each for a short while. When all places are taken, the oldest
 * connection of whoever holds most gives way, so that a stranger never keeps the server out.
 *
 * @throws the system's error when the port cannot be had
 */
export async function openNotificationListener(
  options: NotificationListenerOptions,
): Promise<NotificationListener> {
  const callers = new Set<Caller>();
  const server = createServer({ noDelay: true }, (socket) => {
    const caller = { address: socket.remoteAddress ?? '', socket };
    if (callers.size >= limits.maxListenerConnections) pickGreediest(callers)?.socket.destroy();
    callers.add(caller);
    socket.once('close', () => callers.delete(caller));
    serve(socket, options);
  });
  // Too few descriptors, say: the listener goes on, and the server finds other ways.
  server.on('error', () => undefined);
  await listen(server, options);
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : options.port,
    close: () => {
      server.close();
      for (const { socket } of callers) socket.destroy();
    },
  };
}

function serve(socket: Socket, { answer, timeoutMs }: NotificationListenerOptions): void {
  const received = Buffer.alloc(limits.minDatagramBytes);
  let length = 0;
  let isAnswered = false;
  const timer = setTimeout(() => socket.destroy(), timeoutMs ?? limits.notificationTimeoutMs);
  socket.once('close', () => clearTimeout(timer));
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    // After the answer, and beyond the length of a notification, there is nothing to read.
    if (isAnswered || length + chunk.length > received.length) return void socket.destroy();
    length += chunk.copy(received, length);
    if (length < received.length) return;
    const acknowledgement = answer(received);
    if (acknowledgement === undefined) return void socket.destroy();
    isAnswered = true;
    // The server closes; the timer does when it does not.
    socket.write(acknowledgement);
  });
}

/** The oldest connection of the address that holds most. */
function pickGreediest(callers: ReadonlySet<Caller>): Caller | undefined {
  const counts = new Map<string, number>();
  for (const { address } of callers) counts.set(address, (counts.get(address) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return [...callers].find(({ address }) => counts.get(address) === most);
}

async function listen(server: Server, { port, host }: NotificationListenerOptions): Promise<void> {
  try {
    await listenAt(server, port, host ?? '::');
  } catch (error) {
    const isWithoutIpv6 =
      host === undefined &&
      error instanceof Error &&
      'code' in error &&
      (error.code === 'EAFNOSUPPORT' || error.code === 'EADDRNOTAVAIL');
    if (!isWithoutIpv6) throw error;
    await listenAt(server, port, '0.0.0.0');
  }
}

async function listenAt(server: Server, port: number, host: string): Promise<void> {
  // Rejects with the first error of the server, too.
  const listening = once(server, 'listening');
  server.listen({ port, host });
  await listening;
}
