import assert from 'node:assert/strict';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mcpPath } from '@holdfast/protocol';
import type { TestServer } from '@holdfast/server/src/testing/test-server.ts';

/** How the network is at this time. */
export const Weather = {
  clear: 'clear',
  /** Calls, answers and datagrams are lost, repeated, held back. */
  rough: 'rough',
  /** Nothing passes. */
  down: 'down',
  /** What is sent to the server arrives, and nothing comes back. */
  deaf: 'deaf',
  noDatagrams: 'no-datagrams',
} as const;
export type Weather = (typeof Weather)[keyof typeof Weather];

type CallFate = 'arrives' | 'lost' | 'answer-lost' | 'repeated' | 'again-later' | 'only-later';
type DatagramFate = 'arrives' | 'lost' | 'repeated' | 'later';

/** Told of what reaches the server, and of its answers: before a fate of the answer is drawn. */
export interface NetworkObserver {
  /** Something of the product reaches the server. */
  noteTouch(): void;
  noteHandshake(): void;
  /** A heartbeat reaches the server. The function that is answered is called with the acknowledgement. */
  noteHeartbeat(bytes: Uint8Array): (acknowledgement: Uint8Array) => void;
}

interface Call {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly payload: Buffer;
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

const HEARTBEAT = 1;
const HEARTBEAT_ACKNOWLEDGEMENT = 2;
const callFates: readonly CallFate[] = [
  'arrives',
  'arrives',
  'lost',
  'lost',
  'answer-lost',
  'repeated',
  'again-later',
  'only-later',
];
const datagramFates: readonly DatagramFate[] = ['arrives', 'arrives', 'lost', 'repeated', 'later'];

/**
 * All that lies between an agent and a server: it takes the agent's connections and datagrams in the place of the server, and
 * decides what becomes of each. It outlives restarts of both.
 */
export class FaultyNetwork {
  readonly #random: () => number;
  readonly #observer: NetworkObserver;
  readonly #https: Server;
  readonly #datagrams: Socket;
  /** By the address of the agent: the socket that the server sees in its place. */
  readonly #ways = new Map<string, Socket>();
  readonly #unacknowledged = new Map<string, (acknowledgement: Uint8Array) => void>();
  #server: TestServer | undefined;
  #held: (() => Promise<unknown> | void)[] = [];
  #callsUnderWay = 0;
  #lastDatagramAt = 0;
  weather: Weather = 'clear';
  /** What reached the server. */
  readonly carried = { calls: 0, datagrams: 0 };
  /** Answers and errors that no fault of the network explains. */
  readonly faults: string[] = [];

  private constructor(server: TestServer, random: () => number, observer: NetworkObserver) {
    assert.ok(server.tls, 'the server has a certificate');
    this.#server = server;
    this.#random = random;
    this.#observer = observer;
    this.#https = createServer(server.tls, (request, response) => void this.#take(request, response));
    this.#datagrams = createSocket('udp4');
    this.#datagrams.on('message', (bytes, from) => this.#takeDatagram(bytes, from));
  }

  static async open(
    server: TestServer,
    random: () => number,
    observer: NetworkObserver,
  ): Promise<FaultyNetwork> {
    const network = new FaultyNetwork(server, random, observer);
    network.#https.listen(0, '127.0.0.1');
    network.#datagrams.bind(0, '127.0.0.1');
    await Promise.all([once(network.#https, 'listening'), once(network.#datagrams, 'listening')]);
    return network;
  }

  /** Where the agent finds the server. */
  get address(): string {
    return `https://127.0.0.1:${(this.#https.address() as AddressInfo).port}`;
  }

  /** Nothing is on its way, as far as can be known. */
  get isQuiet(): boolean {
    return this.#callsUnderWay === 0 && performance.now() - this.#lastDatagramAt > 10;
  }

  /** The server behind it is another one; undefined: none. */
  connect(server: TestServer | undefined): void {
    this.#server = server;
  }

  /** A router forgets where the answers go: what comes next comes from another port. */
  forgetWays(): void {
    for (const way of this.#ways.values()) way.close();
    this.#ways.clear();
  }

  /** What was held back arrives, the newest first. Nobody waits for the answers. */
  async deliverHeld(): Promise<void> {
    const held = this.#held.toReversed();
    this.#held = [];
    for (const deliver of held) await deliver();
  }

  close(): void {
    this.forgetWays();
    this.#datagrams.close();
    this.#https.closeAllConnections();
    this.#https.close();
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#callsUnderWay += 1;
    try {
      const payload = await findPayload(request);
      const answer = payload === undefined ? undefined : await this.#carry(readCall(request, payload));
      if (answer === undefined) request.socket.destroy();
      else response.writeHead(answer.status, answer.headers).end(answer.body);
    } catch (error) {
      this.faults.push(`${request.url}: ${error instanceof Error ? error.stack : String(error)}`);
      request.socket.destroy();
    } finally {
      this.#callsUnderWay -= 1;
    }
  }

  async #carry(call: Call): Promise<Answer | undefined> {
    // Streams are not carried: an agent that is asked to hold one goes on without it.
    if (call.url === mcpPath.notifications) return undefined;
    switch (this.#drawCallFate()) {
      case 'lost':
        return undefined;
      case 'arrives':
        return await this.#deliver(call);
      case 'answer-lost':
        await this.#deliver(call);
        return undefined;
      case 'repeated':
        await this.#deliver(call);
        return await this.#deliver(call);
      case 'again-later':
        this.#held.push(() => this.#deliver(call));
        return await this.#deliver(call);
      case 'only-later':
        this.#held.push(() => this.#deliver(call));
        return undefined;
    }
  }

  async #deliver(call: Call): Promise<Answer | undefined> {
    const server = this.#server;
    if (server === undefined) return undefined;
    this.#observer.noteTouch();
    this.carried.calls += 1;
    const onAcknowledged =
      call.url === mcpPath.heartbeats ? this.#observer.noteHeartbeat(call.payload) : undefined;
    const { statusCode, rawPayload, headers } = await server.call(call);
    if (statusCode >= 500) this.faults.push(`${call.url}: ${statusCode} ${rawPayload.toString()}`);
    if (statusCode === 200) onAcknowledged?.(rawPayload);
    const isHandshake = call.url === mcpPath.handshakes && statusCode === 200;
    if (isHandshake) this.#observer.noteHandshake();
    const retryAfter = headers['retry-after'];
    return {
      status: statusCode,
      headers: {
        'content-type': String(headers['content-type'] ?? ''),
        ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
      },
      body: isHandshake ? this.#leadHere(rawPayload) : rawPayload,
    };
  }

  /** Datagrams are to come this way as well. */
  #leadHere(body: Buffer): Buffer {
    const answer = JSON.parse(body.toString()) as { heartbeat: { udp: { port: number } | null } };
    if (answer.heartbeat.udp !== null)
      answer.heartbeat.udp.port = (this.#datagrams.address() as AddressInfo).port;
    return Buffer.from(JSON.stringify(answer));
  }

  #takeDatagram(bytes: Buffer, from: RemoteInfo): void {
    const name = `${from.address}:${from.port}`;
    const send = (): void => this.#sendToServer(name, from, bytes);
    const fate = this.weather === 'deaf' ? 'arrives' : this.#drawDatagramFate();
    this.#applyFate(fate, send);
  }

  #sendToServer(name: string, from: RemoteInfo, bytes: Buffer): void {
    const port = this.#server?.app.modules.datagrams.udpPort();
    if (port === undefined || port === null) return;
    this.#observer.noteTouch();
    this.carried.datagrams += 1;
    this.#lastDatagramAt = performance.now();
    if (bytes[1] === HEARTBEAT) this.#unacknowledged.set(nameOf(bytes), this.#observer.noteHeartbeat(bytes));
    this.#wayOf(name, from).send(bytes, port, '127.0.0.1');
  }

  #wayOf(name: string, from: RemoteInfo): Socket {
    const known = this.#ways.get(name);
    if (known !== undefined) return known;
    const way = createSocket('udp4');
    way.on('error', () => undefined);
    way.on('message', (bytes) => {
      this.#lastDatagramAt = performance.now();
      if (bytes[1] === HEARTBEAT_ACKNOWLEDGEMENT) this.#unacknowledged.get(nameOf(bytes))?.(bytes);
      const fate = this.weather === 'deaf' ? 'lost' : this.#drawDatagramFate();
      this.#applyFate(fate, () => this.#datagrams.send(bytes, from.port, from.address, () => undefined));
    });
    this.#ways.set(name, way);
    return way;
  }

  #applyFate(fate: DatagramFate, send: () => void): void {
    if (fate === 'lost') return;
    if (fate === 'later') {
      this.#held.push(send);
      return;
    }
    send();
    if (fate === 'repeated') send();
  }

  #drawCallFate(): CallFate {
    if (this.weather === 'rough') return this.#draw(callFates, 'arrives');
    if (this.weather === 'down') return 'lost';
    return this.weather === 'deaf' ? 'answer-lost' : 'arrives';
  }

  #drawDatagramFate(): DatagramFate {
    if (this.weather === 'rough') return this.#draw(datagramFates, 'arrives');
    return this.weather === 'clear' ? 'arrives' : 'lost';
  }

  #draw<Fate>(fates: readonly Fate[], otherwise: Fate): Fate {
    return fates[Math.floor(this.#random() * fates.length)] ?? otherwise;
  }
}

/** Undefined when the agent hung up: its end is the same as that of a lost call. */
async function findPayload(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
}

function readCall(request: IncomingMessage, payload: Buffer): Call {
  const headers: Record<string, string> = {};
  for (const name of ['content-type', 'content-encoding', 'accept', 'authorization']) {
    const value = request.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  // The client makes no other calls.
  return { method: request.method as Call['method'], url: request.url ?? '', headers, payload };
}

/** Epoch and sequence, which an acknowledgement repeats. */
function nameOf(datagram: Uint8Array): string {
  return Buffer.from(datagram.subarray(12, 24)).toString('hex');
}
