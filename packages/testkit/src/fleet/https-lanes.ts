import { Agent, request } from 'node:https';
import type { FleetTarget } from './fleet-target.ts';
import { TurnQueue } from './turn-queue.ts';

export interface LaneCall {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly mediaType: string;
  readonly body: Uint8Array;
  readonly accessToken?: string;
}

export interface LaneAnswer {
  readonly status: number;
  readonly mediaType: string;
  readonly retryAfter: string | undefined;
  readonly body: Buffer;
}

/** No answer came: the server is away, or took too long. */
export class NoAnswer extends Error {
  readonly code: string;

  constructor(code: string, cause: unknown) {
    super('The server did not answer.', { cause });
    this.code = code;
  }
}

/** Connections of one address: a bounded number, kept open, and a queue in the order of arrival. */
class Lane {
  readonly #agent: Agent;
  readonly #target: FleetTarget;
  readonly #source: string | undefined;
  readonly #timeoutMs: number;
  readonly #waiting = new TurnQueue<() => void>();
  #free: number;
  #isClosed = false;

  constructor(options: {
    readonly target: FleetTarget;
    readonly authority: string;
    readonly source: string | undefined;
    readonly connections: number;
    readonly timeoutMs: number;
  }) {
    this.#target = options.target;
    this.#source = options.source;
    this.#free = options.connections;
    this.#timeoutMs = options.timeoutMs;
    this.#agent = new Agent({
      ca: options.authority,
      rejectUnauthorized: true,
      keepAlive: true,
      maxSockets: options.connections,
      maxFreeSockets: options.connections,
    });
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Runs `work` when a connection is free, and keeps it for all calls of `work`. */
  async inTurn<Result>(
    options: { readonly isUrgent: boolean },
    work: (send: SendCall) => Promise<Result>,
  ): Promise<Result> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.add(resolve, options));
    else this.#free--;
    try {
      return await work(async (call) => this.#sendOnce(call));
    } finally {
      this.#passOn();
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#agent.destroy();
  }

  #passOn(): void {
    const next = this.#waiting.next();
    if (next === undefined) this.#free++;
    else next();
  }

  async #sendOnce(call: LaneCall): Promise<LaneAnswer> {
    try {
      return await this.#send(call);
    } catch (error) {
      // An idle connection that the server closed just now: the request never reached it.
      if (!(error instanceof NoAnswer && error.code === 'STALE')) throw error;
      return await this.#send(call);
    }
  }

  #send(call: LaneCall): Promise<LaneAnswer> {
    if (this.#isClosed) return Promise.reject(new NoAnswer('SERVER_UNREACHABLE', undefined));
    const { address, port, hostHeader } = this.#target;
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          agent: this.#agent,
          host: address,
          port,
          method: call.method,
          path: call.path,
          ...(this.#source === undefined ? {} : { localAddress: this.#source }),
          timeout: this.#timeoutMs,
          headers: {
            host: hostHeader,
            'content-type': call.mediaType,
            'content-length': call.body.length,
            ...(call.accessToken === undefined ? {} : { authorization: `Bearer ${call.accessToken}` }),
          },
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('error', (cause) => reject(new NoAnswer('SERVER_UNREACHABLE', cause)));
          answer.on('end', () =>
            resolve({
              status: answer.statusCode ?? 0,
              mediaType: (answer.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '',
              retryAfter: answer.headers['retry-after'],
              body: Buffer.concat(chunks),
            }),
          );
        },
      );
      outgoing.on('timeout', () => outgoing.destroy(new NoAnswer('SERVER_TIMED_OUT', undefined)));
      outgoing.on('error', (cause) => {
        if (cause instanceof NoAnswer) return reject(cause);
        const code = 'code' in cause ? String(cause.code) : '';
        const isStale = outgoing.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE');
        reject(new NoAnswer(isStale ? 'STALE' : 'SERVER_UNREACHABLE', cause));
      });
      outgoing.end(call.body);
    });
  }
}

/** @throws NoAnswer; the time runs from here, and not from the place in the queue */
export type SendCall = (call: LaneCall) => Promise<LaneAnswer>;

export interface HttpsLanes {
  /**
   * Runs `work` in its turn, from the address that the product of this index has. Calls that belong together keep the
   * connection: a challenge would be too old if its assertion had to queue again behind a whole fleet.
   */
  inTurn<Result>(
    place: { readonly index: number; readonly isUrgent: boolean },
    work: (send: SendCall) => Promise<Result>,
  ): Promise<Result>;
  /** Calls that wait for a connection. */
  readonly waiting: number;
  close(): void;
}

/**
 * A bounded number of kept connections to one server, shared by all products that have the same address.
 *
 * @param options.sources addresses to connect from; none: the system chooses
 * @param options.connections of all addresses together; each has at least one
 */
export function createHttpsLanes(options: {
  readonly target: FleetTarget;
  readonly authority: string;
  readonly sources: readonly string[];
  readonly connections: number;
  readonly timeoutMs: number;
}): HttpsLanes {
  const sources = options.sources.length === 0 ? [undefined] : options.sources;
  const connections = Math.max(1, Math.floor(options.connections / sources.length));
  const lanes = sources.map((source) => new Lane({ ...options, source, connections }));
  return {
    async inTurn(place, work) {
      const lane = lanes[place.index % lanes.length];
      if (lane === undefined) throw new RangeError('"sources" expected at least one lane');
      return await lane.inTurn(place, work);
    },
    get waiting() {
      return lanes.reduce((sum, lane) => sum + lane.waiting, 0);
    },
    close() {
      for (const lane of lanes) lane.close();
    },
  };
}
