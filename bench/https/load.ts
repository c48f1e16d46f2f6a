import { connect, type TLSSocket } from 'node:tls';
import { once } from 'node:events';

/**
 * Posts bodies over `connections` kept-alive connections, one request under way on each, for `durationMs`.
 * Written on the bare socket, so that the sender costs as little as it can; every answer must have the status 200.
 */
export async function postBodies(
  port: number,
  bodies: readonly Uint8Array[],
  offset: number,
  connections: number,
  durationMs: number,
): Promise<{ answered: number; ratePerSecond: number }> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
  const startedAt = performance.now();
  let next = offset;
  let answered = 0;
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise<void>((resolve, reject) => {
          const post = (): void => {
            const body = bodies[next++];
            if (body === undefined || performance.now() - startedAt > durationMs) {
              socket.end();
              resolve();
              return;
            }
            const head = `POST /mcp/v1/heartbeats HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/octet-stream\r\ncontent-length: ${body.length}\r\n\r\n`;
            socket.write(Buffer.concat([Buffer.from(head), body]));
          };
          let pending: Buffer = Buffer.alloc(0);
          socket.on('data', (chunk: Buffer) => {
            pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
            const end = pending.indexOf('\r\n\r\n');
            if (end === -1) return;
            const head = pending.subarray(0, end).toString('latin1');
            const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN);
            if (!head.startsWith('HTTP/1.1 200') || Number.isNaN(length)) {
              reject(new Error(`Unexpected answer: ${pending.toString('utf8').slice(0, 400)}`));
              return;
            }
            if (pending.length < end + 4 + length) return;
            pending = Buffer.alloc(0);
            answered++;
            post();
          });
          socket.on('error', reject);
          post();
        }),
    ),
  );
  return { answered, ratePerSecond: (answered / (performance.now() - startedAt)) * 1000 };
}

async function open(port: number): Promise<TLSSocket> {
  // The certificate was made a moment ago by the subject itself; what is measured does not depend on who it is.
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, minVersion: 'TLSv1.3' });
  socket.setNoDelay(true);
  await once(socket, 'secureConnect');
  return socket;
}
