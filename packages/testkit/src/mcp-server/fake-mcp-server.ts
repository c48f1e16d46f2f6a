import { createSecretKey, randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { systemClock } from '@holdfast/kernel';
import {
  datagramMediaType,
  encodeEnrolmentToken,
  mcpPath,
  type NotificationContent,
  parseEnrolmentToken,
} from '@holdfast/protocol';
import {
  calculateFingerprint,
  createCertificateAuthority,
  issueServerCertificate,
} from '@holdfast/trust/certificates';
import { answerDatagram } from './fake-datagrams.ts';
import { answerCall, authenticate, FakeProblem } from './fake-calls.ts';
import { holdStream, notify } from './fake-notifications.ts';
import { createFakeServerState, type FakeReply, type FakeServerState } from './fake-server-state.ts';

export interface FakeMcpServer {
  /** `https://localhost:port`. */
  readonly address: string;
  readonly fingerprint: string;
  /** PEM. */
  readonly authority: string;
  /** A token string that registers into the group of the state. */
  readonly token: string;
  /** What the server knows, and the switches for faults; a test reads and changes it. */
  readonly state: FakeServerState;
  /** Calls every product by its way. @returns how many could be called */
  notify(content: NotificationContent): Promise<number>;
  /** Cuts all connections, as a restarted server or an impatient firewall does. */
  dropConnections(): void;
  /** Stops listening and cuts everything, as a server does that is shut down. What it knows stays. */
  stop(): Promise<void>;
  /** Listens again on the same ports. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A management server in memory that speaks the whole protocol over real HTTPS and UDP on the loopback address, for tests of
 * whatever speaks to one.
 */
export async function startFakeMcpServer(
  options: { readonly names?: readonly string[] } = {},
): Promise<FakeMcpServer> {
  const authority = await createCertificateAuthority(systemClock.now());
  const certified = await issueServerCertificate({
    authority,
    names: options.names ?? ['localhost', '127.0.0.1'],
    nowMs: systemClock.now(),
  });
  const fingerprint = calculateFingerprint(authority.certificate);
  const state = createFakeServerState(fingerprint, authority.certificate);
  const listen = async (port: number, udpPort: number): Promise<Listeners> => {
    const server = createServer(
      {
        cert: certified.certificate,
        key: certified.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      },
      (request, response) => {
        if (request.url === mcpPath.notifications) return openStream(state, request, response);
        if (request.url?.startsWith(`${mcpPath.components}/`) === true)
          return sendFile(state, request, response);
        answerHttps(state, request).then(
          (answer) => send(response, answer),
          () => response.destroy(),
        );
      },
    );
    const udp = createSocket('udp4');
    udp.on('message', (bytes, sender) => {
      const answer = answerDatagram(state, bytes, sender);
      if (answer !== undefined && state.faults.udpOutward) udp.send(answer, sender.port, sender.address);
    });
    server.listen(port, '127.0.0.1');
    udp.bind(udpPort, '127.0.0.1');
    await Promise.all([once(server, 'listening'), once(udp, 'listening')]);
    return { server, udp };
  };
  let listeners: Listeners | undefined = await listen(0, 0);
  state.udpPort = listeners.udp.address().port;
  // A server that listens on a port has an address of this form.
  const { port } = listeners.server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    const current = listeners;
    listeners = undefined;
    if (current !== undefined) await close(current);
  };
  const address = `https://localhost:${port}`;
  const token = encodeEnrolmentToken({
    addresses: [address],
    fingerprint,
    tokenId: state.tokenId,
    secret: state.tokenSecret,
  });
  return {
    address,
    fingerprint,
    authority: authority.certificate,
    token,
    state,
    notify: async (content) => {
      const sendUdp = (bytes: Uint8Array, udpPort: number, host: string): void =>
        listeners?.udp.send(bytes, udpPort, host);
      const calls = [...state.products.values()].map((product) => notify(state, product, content, sendUdp));
      return (await Promise.all(calls)).filter((isCalled) => isCalled).length;
    },
    dropConnections: () => listeners?.server.closeAllConnections(),
    stop,
    start: async () => {
      listeners ??= await listen(port, state.udpPort);
    },
    close: stop,
  };
}

interface Listeners {
  readonly server: Server;
  readonly udp: Socket;
}

/** The same token for other addresses. */
export function withAddresses(token: string, addresses: readonly string[]): string {
  return encodeEnrolmentToken({ ...parseEnrolmentToken(token), addresses });
}

/** A master key for tests. */
export function createTestMasterKey(): ReturnType<typeof createSecretKey> {
  return createSecretKey(randomBytes(32));
}

async function answerHttps(state: FakeServerState, request: IncomingMessage): Promise<FakeReply> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const forced = await state.faults.answer?.(request.url ?? '');
  if (forced !== undefined) return forced;
  const body = Buffer.concat(chunks);
  state.calls.push(`${request.method} ${request.url}`);
  try {
    const answer = await answerCall(state, {
      call: `${request.method} ${request.url}`,
      authorization: request.headers.authorization ?? '',
      body,
      ...contentEncodingOf(request),
    });
    if (answer instanceof Uint8Array) return { status: 200, mediaType: datagramMediaType, body: answer };
    return { status: answer.status, mediaType: 'application/json', body: encode(answer.message) };
  } catch (error) {
    if (!(error instanceof FakeProblem)) throw error;
    return describeProblem(error);
  }
}

function openStream(state: FakeServerState, request: IncomingMessage, response: ServerResponse): void {
  state.calls.push(`GET ${mcpPath.notifications}`);
  try {
    const product = authenticate(state, request.headers.authorization ?? '');
    if (!state.hasFreeStream) throw new FakeProblem('NOTIFICATIONS_FULL', { retryAfterMs: 60_000 });
    holdStream(state, product, response);
  } catch (error) {
    if (!(error instanceof FakeProblem)) throw error;
    send(response, describeProblem(error));
  }
}

function sendFile(state: FakeServerState, request: IncomingMessage, response: ServerResponse): void {
  state.calls.push(`GET ${request.url}`);
  try {
    const { productNumber } = authenticate(state, request.headers.authorization ?? '');
    const path = (request.url ?? '').slice(mcpPath.components.length + 1);
    if (state.serveFile === undefined)
      send(response, { status: 404, mediaType: 'text/plain', body: encode('') });
    else void state.serveFile(request, response, { path, caller: String(productNumber) });
  } catch (error) {
    if (!(error instanceof FakeProblem)) throw error;
    send(response, describeProblem(error));
  }
}

function describeProblem({ code, status, facts }: FakeProblem): FakeReply {
  return {
    status,
    mediaType: 'application/problem+json',
    body: encode({ code, status, title: code, facts }),
  };
}

function contentEncodingOf(request: IncomingMessage): { readonly contentEncoding?: string } {
  const contentEncoding = request.headers['content-encoding'];
  return contentEncoding === undefined ? {} : { contentEncoding };
}

function encode(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value), 'utf8');
}

function send(response: ServerResponse, reply: FakeReply): void {
  response.writeHead(reply.status, { 'content-type': reply.mediaType, 'content-length': reply.body.length });
  response.end(reply.body);
}

async function close({ server, udp }: Listeners): Promise<void> {
  udp.close();
  // A connection whose TLS handshake is under way is in no list yet.
  server.on('secureConnection', (socket) => socket.destroy());
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
