import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A message as a receiver of webhooks gets it. */
export interface ReceivedMessage {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly events: readonly {
    readonly id: string;
    readonly type: string;
    readonly object: { readonly kind: string; readonly id: string };
    readonly data: Record<string, unknown>;
  }[];
}

/** Another system to which webhooks send, on this computer. */
export interface TestReceiver extends AsyncDisposable {
  readonly url: string;
  readonly messages: ReceivedMessage[];
  /** What it answers from now on; 204 at first. */
  status: number;
  /** Resolves when it has got so many messages in all. */
  waitFor(count: number): Promise<void>;
}

export async function startTestReceiver(): Promise<TestReceiver> {
  const messages: ReceivedMessage[] = [];
  const server: Server = createServer();
  const receiver: TestReceiver = {
    url: '',
    messages,
    status: 204,
    async waitFor(count) {
      const signal = AbortSignal.timeout(30_000);
      while (messages.length < count) await once(server, 'message', { signal });
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  server.on('request', (request, answer) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      const { events } = JSON.parse(body) as Pick<ReceivedMessage, 'events'>;
      messages.push({ headers: request.headers, body, events });
      answer.writeHead(receiver.status).end();
      server.emit('message');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(receiver, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in` });
}
