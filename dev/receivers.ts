import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Receivers of webhooks, one that is well and some that are not. */
export interface Receivers {
  /** The address of the receiver that answers with this status. */
  readonly addressOf: (status: number) => string;
  close(): Promise<void>;
}

export async function openReceivers(): Promise<Receivers> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(Number(request.url?.split('/')[1] ?? 204)).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    addressOf: (status) => `http://127.0.0.1:${port}/${status}/holdfast?source=production`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
