import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';

/**
 * None of our clients sends requests ahead of the answers before them. Whoever does (RFC 9112, section 9.3.2) may have a few on
 * the way, as an answer may reach a client before this process hears that it left.
 */
const MAX_AHEAD = 8;

/** What a parser that is told so of a request leaves unread: everything behind it. */
const LEAVE_THE_REST = 2;

/** As the runtime fits it to each connection: what it does with a request whose head has come. */
interface RequestParser {
  onIncoming?: ((request: IncomingMessage, isKeptAlive: boolean) => unknown) | null;
}

/**
 * Bounds the requests that wait behind another one on their connection. The runtime would make a request and an answer of everything
 * that it has read, a thousand and more at a time, and end each with an error of its own when the connection ends: 40 ms of the only thread
 * for every 64 KiB. Beyond the bound nothing more of a connection is read or looked at; what came before has its answers, and some time later it ends.
 *
 * @param pause calls `end` some time later: who is cut off at once comes back at once, and a TLS handshake costs more than what was cut off
 */
export function installRequestQueue(
  server: Server,
  pause: (connection: Socket, end: () => void) => void,
): void {
  const ahead = new WeakMap<Socket, number>();
  const isFull = (socket: Socket): boolean => (ahead.get(socket) ?? 0) >= MAX_AHEAD;

  const cutOff = (socket: Socket): void => {
    const stopReading = (): void => void socket.pause();
    stopReading();
    // An answer that leaves lets the runtime read on.
    socket.on('resume', stopReading);
    pause(socket, () => socket.destroy());
  };

  // Behind the listener of the runtime, which fits the parser to the connection.
  server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
    const { parser } = socket as Socket & { readonly parser?: RequestParser | null };
    const take = parser?.onIncoming;
    if (parser === undefined || parser === null || typeof take !== 'function') return;
    let isCutOff = false;
    parser.onIncoming = (request, isKeptAlive) => {
      if (!isCutOff && !isFull(socket)) return take(request, isKeptAlive);
      if (!isCutOff) cutOff(socket);
      isCutOff = true;
      return LEAVE_THE_REST;
    };
  });

  const listeners = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    // The rest of a piece of which an earlier request was refused: it was parsed already, and nobody waits for it.
    if (socket.destroyed) return;
    // A response gets its connection when it is the first in line.
    if (response.socket === null) {
      // Only where the parser is not what it was: then the connection ends at once.
      if (isFull(socket)) return void socket.destroy();
      ahead.set(socket, (ahead.get(socket) ?? 0) + 1);
      response.once('close', () => ahead.set(socket, (ahead.get(socket) ?? 1) - 1));
    }
    for (const listener of listeners) listener.call(server, request, response);
  });
}
