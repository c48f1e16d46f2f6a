import { connect, type TLSSocket } from 'node:tls';
import { mcpPath } from '@holdfast/protocol';

/** Something that goes on until it is told to stop. */
export interface Attack {
  stop(): Promise<void>;
}

const PIPELINED = 2_000;
const junk = 'GET /nothing/of/the/kind HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(PIPELINED);
/** As long as a heartbeat, and none. */
const badHeartbeat = `POST ${mcpPath.heartbeats} HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\ncontent-length: 56\r\n\r\n${'x'.repeat(56)}`;
const claimOfNobody = `POST ${mcpPath.commandClaims} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}`;
/** What a server takes ahead of its turn. */
const AHEAD = 8;

/** Connections that each send requests by the thousand without waiting for an answer, and come back when they are cut off. */
export function pipeline(origin: string, connections: number): Attack {
  return keepOpen(origin, connections, (socket) => {
    const push = (): void => void socket.write(junk, (error) => (error ? undefined : setImmediate(push)));
    push();
    socket.resume();
  });
}

/** Connections that each send the next request as an answer comes, with as many ahead as a server takes, and are refused each time. */
export function insist(origin: string, connections: number): Attack {
  let made = 0;
  return keepOpen(origin, connections, (socket) => {
    made += 1;
    const request = made % 2 === 0 ? badHeartbeat : claimOfNobody;
    socket.write(request.repeat(AHEAD));
    socket.setEncoding('latin1').on('data', (text: string) => {
      const answers = text.split('HTTP/1.1 ').length - 1;
      if (answers > 0) socket.write(request.repeat(answers));
    });
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
