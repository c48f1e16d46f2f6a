import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';

/** The server ends connections of a network that come faster than it takes them; so a product waits and comes again. */
const REFUSED_PAUSE_MS = 200;

/** Open streams, as bare connections: what they cost on this side does not matter. */
export interface OpenStreams {
  readonly tookMs: number;
  close(): void;
}

/** Opens streams number `first` and following, so many at a time, each until the head of its answer has come. */
export async function openStreams(
  port: number,
  range: { readonly first: number; readonly count: number },
  atOnce = 32,
): Promise<OpenStreams> {
  const sockets: TLSSocket[] = [];
  const startedMs = performance.now();
  let next = range.first;
  const open = async (): Promise<void> => {
    while (next < range.first + range.count) {
      const number = next;
      next += 1;
      const socket = await openConnection(port);
      sockets.push(socket);
      socket.write(
        `GET /mcp/v1/notifications HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${number}\r\n\r\n`,
      );
      const [head] = (await once(socket, 'data')) as [Buffer];
      if (!head.toString('latin1').startsWith('HTTP/1.1 200')) throw new Error(head.toString('latin1'));
      socket.resume();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, open));
  return {
    tookMs: performance.now() - startedMs,
    close: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function openConnection(port: number): Promise<TLSSocket> {
  for (;;) {
    // Only memory is measured here, so nobody's identity matters.
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    try {
      await once(socket, 'secureConnect');
      return socket;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ECONNRESET')) throw error;
      await delay(REFUSED_PAUSE_MS);
    }
  }
}
