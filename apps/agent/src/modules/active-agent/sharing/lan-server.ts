import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { FileServer } from '@holdfast/components/transfer';
import { describeError, type Log } from '../../../platform/log.ts';
import type { LanKey } from '../lan/lan-key.ts';
import { lanTls, pskIdentityOf } from './lan-tls.ts';

/** Two for each member of a large LAN would be more than the Active Agent serves at once; the others get a time to come back. */
const MAX_CONNECTIONS = 256;
/** Of one address, before and after it has proved itself: a stranger takes no more than these. */
const MAX_CONNECTIONS_OF_ADDRESS = 8;
const HANDSHAKE_MS = 5_000;
const HEADERS_MS = 5_000;
const KEEP_ALIVE_MS = 5_000;
const MAX_HEADER_BYTES = 4_096;

/** Whether a file can be sent now. */
export const Provision = {
  here: 'here',
  /** It is being fetched from the server: come back. */
  coming: 'coming',
  /** Nobody whom this agent trusts has heard of it. */
  unknown: 'unknown',
} as const;
export type Provision = (typeof Provision)[keyof typeof Provision];

export interface LanServerOptions {
  /** The present one first. */
  readonly keys: readonly LanKey[];
  readonly files: Pick<FileServer, 'answer' | 'stop'>;
  /** Gets a file here that members need, as far as it is worth waiting for. */
  readonly provide: (path: string, signal: AbortSignal) => Promise<Provision>;
  readonly retryAfterMs: number;
  readonly log: Log;
}

/** Serves members of the LAN while this agent is the Active Agent. */
export interface LanServer {
  /** 0: it does not listen. */
  readonly port: number;
  /** @param port 0: any. When it is taken, another one is: beacons tell which. */
  open(port: number): Promise<void>;
  close(): Promise<void>;
}

export function createLanServer(options: LanServerOptions): LanServer {
  const { keys, files, provide, log } = options;
  const counts = new Map<string, number>();
  const sockets = new Set<Socket>();
  let port = 0;

  const server = createServer(
    {
      ...lanTls,
      handshakeTimeout: HANDSHAKE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      pskCallback: (_, identity) => {
        const key = keys.find((one) => pskIdentityOf(one) === identity);
        return key === undefined ? null : key.transferKey.export();
      },
    },
    (request, response) => void answer(request, response),
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.headersTimeout = HEADERS_MS;
  server.requestTimeout = HEADERS_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  // What comes in is a connection of TCP, whatever its type says.
  server.on('connection', (socket) => admit(socket as Socket));
  // Strangers, and those who go away in the middle: nothing that anybody could do something about.
  server.on('tlsClientError', (_, socket) => socket.destroy());
  server.on('clientError', (_, socket) => socket.destroy());

  const admit = (socket: Socket): void => {
    const address = socket.remoteAddress ?? '';
    const count = (counts.get(address) ?? 0) + 1;
    if (count > MAX_CONNECTIONS_OF_ADDRESS) return void socket.destroy();
    counts.set(address, count);
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      sockets.delete(socket);
      const left = (counts.get(address) ?? 0) - 1;
      if (left > 0) counts.set(address, left);
      else counts.delete(address);
    });
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '').slice(1);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    try {
      const provision = await provide(path, gone.signal);
      if (provision !== Provision.coming) {
        return await files.answer(request, response, { path, caller: request.socket.remoteAddress ?? '' });
      }
      const seconds = Math.ceil(options.retryAfterMs / 1_000);
      response.writeHead(503, { 'retry-after': String(seconds), 'content-length': 0 }).end();
    } catch (error) {
      if (!gone.signal.aborted) log.debug('LAN_ANSWER_FAILED', describeError(error));
      response.destroy();
    }
  };

  const listen = async (wanted: number): Promise<void> =>
    await new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port: wanted, exclusive: true }, () => {
        server.off('error', reject);
        resolve();
      });
    });

  return {
    get port() {
      return port;
    },
    open: async (wanted) => {
      if (server.listening) return;
      try {
        await listen(wanted);
      } catch (error) {
        if (wanted === 0) throw error;
        await listen(0);
      }
      // It listens at an address, so it has one with a port.
      port = (server.address() as AddressInfo).port;
    },
    close: async () => {
      port = 0;
      files.stop();
      if (!server.listening) return;
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
