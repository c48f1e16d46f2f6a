import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { TestContext } from 'node:test';

export interface TestWebServer {
  readonly url: string;
  /** Paths that were asked for, in order. */
  readonly requests: string[];
}

export type Answer = (
  request: IncomingMessage,
  response: ServerResponse,
) => boolean | void | Promise<boolean | void>;

/** Any static web server on loopback; `answer` may take a request away from it by returning `true`. */
export async function serveFolder(
  test: Pick<TestContext, 'after'>,
  folder: string,
  answer: Answer = () => false,
): Promise<TestWebServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    void (async () => {
      if ((await answer(request, response)) === true) return;
      await sendFile(folder, request, response);
    })().catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, requests };
}

async function sendFile(folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const file = path.join(folder, decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname));
  const size = await stat(file).then(
    (found) => (found.isFile() ? found.size : undefined),
    () => undefined,
  );
  if (size === undefined) {
    response.writeHead(404).end();
    return;
  }
  const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const isPart = request.headers.range !== undefined && from < size;
  const head = { 'content-length': size - (isPart ? from : 0) };
  response.writeHead(
    isPart ? 206 : 200,
    isPart ? { ...head, 'content-range': `bytes ${from}-${size - 1}/${size}` } : head,
  );
  createReadStream(file, { start: isPart ? from : 0 }).pipe(response);
}
