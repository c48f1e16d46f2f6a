import { connect, type TLSSocket } from 'node:tls';
import { mcpPath } from '@holdfast/protocol';

/** Something that goes on until it is told to stop. */
export interface Attack {
  stop(): Promise<void>;
}

const PIPELINED = 2_000;
const junk = 'GET /nothing/of/the/kind HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(PIPELINED);

/** Connections that each send requests by the thousand without waiting for an answer, and come back when they are cut off. */
export function pipeline(origin: string, connections: number): Attack {
  return keepOpen(origin, connections, (socket) => {
    const push = (): void => void socket.write(junk, (error) => (error ? undefined : setImmediate(push)));
    push();
    socket.resume();
  });
}

/** The largest body that a stranger may announce, sent to its last bytes but never to its end. */
const slowBody = Buffer.alloc(64 * 1_024 - 16, ' ');
const slowHead = `POST ${mcpPath.registrations} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${64 * 1_024}\r\n\r\n`;

/** Connections that hold bodies of strangers which never end. */
export function holdSlowBodies(origin: string, connections: number): Attack {
  return keepOpen(origin, connections, (socket) => {
    socket.write(slowHead);
    socket.write(slowBody);
    socket.resume();
  });
}

function keepOpen(origin: string, connections: number, attack: (socket: TLSSocket) => void): Attack {
  const { hostname, port } = new URL(origin);
  const open = new Set<TLSSocket>();
  let isOver = false;
  const start = (): void => {
    if (isOver) return;
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () =>
      attack(socket),
    );
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      open.delete(socket);
      setTimeout(start, 10);
    });
  };
  for (let index = 0; index < connections; index += 1) start();
  return {
    async stop() {
      isOver = true;
      const closed = [...open].map(
        (socket) => new Promise((resolve) => void socket.once('close', resolve).destroy()),
      );
      await Promise.all(closed);
    },
  };
}
