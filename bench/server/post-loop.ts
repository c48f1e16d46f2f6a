import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';

/** What one connection sends next; `undefined` when there is nothing left. */
export interface Post {
  readonly path: string;
  readonly body: Uint8Array | string;
  readonly contentType?: string;
  readonly bearer?: string;
  /** Told the answer, and how long it took. */
  readonly onAnswer?: (answer: PostAnswer) => void;
}

export interface PostAnswer {
  readonly status: number;
  readonly body: string;
  readonly tookMs: number;
}

type NextPost = () => Post | undefined | Promise<Post | undefined>;

/**
 * Posts over so many kept connections, one request under way on each, until there is nothing left. Written on the bare
 * socket, so that the sender costs as little as it can.
 */
export async function postAll(port: number, connections: number, next: NextPost): Promise<void> {
  await Promise.all(Array.from({ length: connections }, () => postInTurn(port, next)));
}

async function postInTurn(port: number, next: NextPost): Promise<void> {
  const socket = await open(port);
  try {
    for (let post = await next(); post !== undefined; post = await next()) {
      const startedAt = performance.now();
      socket.write(formatRequest(post));
      const { status, body } = await readAnswer(socket);
      post.onAnswer?.({ status, body, tookMs: performance.now() - startedAt });
    }
  } finally {
    socket.destroy();
  }
}

function formatRequest({ path, body, contentType = 'application/json', bearer }: Post): Buffer {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const authorization = bearer === undefined ? '' : `authorization: Bearer ${bearer}\r\n`;
  const head = `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: ${contentType}\r\n${authorization}content-length: ${bytes.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), bytes]);
}

function readAnswer(socket: TLSSocket): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    let pending: Buffer = Buffer.alloc(0);
    const end = (): void => {
      socket.off('data', onData);
      socket.off('error', onEnd);
      socket.off('close', onEnd);
    };
    const onEnd = (error?: unknown): void => {
      end();
      reject(error instanceof Error ? error : new Error('The server closed the connection.'));
    };
    const onData = (chunk: Buffer): void => {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      const at = pending.indexOf('\r\n\r\n');
      if (at === -1) return;
      const head = pending.subarray(0, at).toString('latin1');
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (pending.length < at + 4 + length) return;
      end();
      resolve({
        status: Number(head.slice(9, 12)),
        body: pending.subarray(at + 4, at + 4 + length).toString(),
      });
    };
    socket.on('data', onData);
    socket.on('error', onEnd);
    socket.on('close', onEnd);
  });
}

async function open(port: number): Promise<TLSSocket> {
  // The certificate was made a moment ago by the server itself; what is measured does not depend on who it is.
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, minVersion: 'TLSv1.3' });
  socket.setNoDelay(true);
  await once(socket, 'secureConnect');
  return socket;
}
