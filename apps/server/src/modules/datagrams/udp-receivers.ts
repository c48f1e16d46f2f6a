import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { limits } from '@holdfast/protocol';
import type { Logger } from 'pino';
import type { DatagramCounts } from './datagram-counts.ts';
import type { AnswerOutlet, DatagramIntake } from './datagram-intake.ts';
import { DatagramsError } from './datagrams.errors.ts';
import type { AnswerPost, DatagramPost, ReceiverPost, ReceiverTask, ServerPost } from './receiver-post.ts';
import { type UdpListener, UdpSockets } from './udp-sockets.ts';

const NO_BYTES = new Uint8Array(0);
const DEFAULT_RESTART_DELAY_MS = 1_000;
/** Enough for what may wait in a receiver; a fault that fills memory ends the thread and not the server. */
const MAX_HEAP_MB = 128;

export interface UdpReceiversOptions extends Pick<ReceiverTask, 'host' | 'port'> {
  readonly receivers: number;
  readonly intake: DatagramIntake;
  readonly counts: DatagramCounts;
  readonly log: Logger;
  /** How long after its end a thread is replaced. */
  readonly restartDelayMs?: number;
}

/**
 * Several threads that receive on one port (SO_REUSEPORT): the system gives each sender to one of them, always the same one. They take
 * the calls of the system off the server's thread, which decides about every datagram as if it had received it itself.
 * Invariant: a thread that ends is replaced, and meanwhile the system gives its senders to the others.
 */
export class UdpReceivers implements UdpListener {
  readonly #options: UdpReceiversOptions;
  readonly #threads: (Worker | undefined)[] = [];
  readonly #received: number[] = [];
  #port: number;
  #isClosing = false;

  private constructor(options: UdpReceiversOptions) {
    this.#options = options;
    this.#port = options.port;
  }

  /** @throws DatagramsError UDP_PORT_IN_USE, UDP_ADDRESS_UNAVAILABLE, UDP_RECEIVERS_UNSUPPORTED */
  static async open(options: UdpReceiversOptions): Promise<UdpReceivers> {
    // Otherwise another program of the same user that shares ports would get a part of the heartbeats.
    if (options.port !== 0) await assertPortIsFree(options);
    const receivers = new UdpReceivers(options);
    try {
      // The first may have to let the system choose the port for all.
      await receivers.#start(0);
      const others = Array.from({ length: options.receivers - 1 }, (_, index) => receivers.#start(index + 1));
      await Promise.all(others);
      return receivers;
    } catch (error) {
      await receivers.close();
      throw error;
    }
  }

  get port(): number {
    return this.#port;
  }

  /** How many datagrams each of them received. */
  get received(): readonly number[] {
    return this.#received;
  }

  /** How many receive at this moment. */
  get count(): number {
    return this.#threads.filter((thread) => thread !== undefined).length;
  }

  send(bytes: Uint8Array, port: number, address: string): void {
    const thread = this.#threads.find((it) => it !== undefined);
    if (thread !== undefined) tell(thread, { kind: 'send', bytes, port, address });
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.all(
      this.#threads.map(async (thread) => {
        if (thread === undefined) return;
        // However it ends: an error of its own is logged, and no reason to stop waiting.
        const ended = new Promise((resolve) => thread.once('exit', resolve));
        tell(thread, { kind: 'close' });
        await ended;
      }),
    );
  }

  async #start(place: number): Promise<void> {
    const { log } = this.#options;
    const task: ReceiverTask = {
      host: this.#options.host,
      port: this.#port,
      maxDatagramBytes: limits.maxDatagramBytes,
      answerBytes: limits.minDatagramBytes,
    };
    const thread = new Worker(new URL('./udp-receiver.main.ts', import.meta.url), {
      name: `udp-receiver-${place + 1}`,
      workerData: task,
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    });
    thread.on('error', (error) =>
      log.error({ err: error, receiver: place + 1 }, 'a receiver of heartbeats failed'),
    );
    // From the start: the first datagrams may come right behind the word that it listens, and it waits for their answers.
    thread.on('message', (post: ReceiverPost) => {
      if (post.kind === 'datagrams') this.#workOff(thread, place, post);
      else if (post.kind === 'fault')
        log.warn({ receiver: place + 1, reason: post.message }, 'a socket for heartbeats reported an error');
    });
    const opened = await firstPostOf(thread);
    if (opened.kind === 'refused') {
      await thread.terminate();
      const { code, message, remedy } = opened;
      throw new DatagramsError(code, message, {
        facts: { port: this.#port },
        ...(remedy === undefined ? {} : { remedy }),
      });
    }
    if (opened.kind === 'listening') this.#port = opened.port;
    this.#threads[place] = thread;
    this.#received[place] ??= 0;
    thread.once('exit', () => {
      this.#threads[place] = undefined;
      if (!this.#isClosing) this.#startAgain(place);
    });
    if (this.#isClosing) tell(thread, { kind: 'close' });
  }

  #startAgain(place: number): void {
    setTimeout(() => {
      if (this.#isClosing) return;
      this.#start(place).catch((error: unknown) => {
        this.#options.log.error(
          { err: error, receiver: place + 1 },
          'a receiver of heartbeats cannot be started again',
        );
        this.#startAgain(place);
      });
    }, this.#options.restartDelayMs ?? DEFAULT_RESTART_DELAY_MS).unref();
  }

  #workOff(thread: Worker, place: number, received: DatagramPost): void {
    const { intake, counts } = this.#options;
    const { bytes, ends, addresses, ports, dropped } = received;
    this.#received[place] = (this.#received[place] ?? 0) + ends.length + dropped;
    if (dropped > 0) counts.add('over-budget', dropped);
    const places: number[] = [];
    const answers: Uint8Array[] = [];
    let current = 0;
    const outlet: AnswerOutlet = {
      send(answer) {
        places.push(current);
        answers.push(answer);
      },
    };
    let joined = NO_BYTES;
    const waitMs = intake.receiveBatch(ends.length, (dispatch) => {
      let start = 0;
      for (const [index, end] of ends.entries()) {
        current = index;
        dispatch(
          bytes.subarray(start, end),
          { address: addresses[index] ?? '', port: ports[index] ?? 0 },
          outlet,
        );
        start = end;
      }
      joined = joinBytes(answers);
    });
    const post: AnswerPost = { kind: 'answers', places, bytes: joined };
    if (waitMs === 0) tell(thread, post);
    // Until then the thread drops what finds no room there, which costs this one nothing.
    else setTimeout(() => tell(thread, post), waitMs);
  }
}

/** @throws DatagramsError UDP_PORT_IN_USE, UDP_ADDRESS_UNAVAILABLE */
async function assertPortIsFree({ host, port }: UdpReceiversOptions): Promise<void> {
  const alone = await UdpSockets.open({ host, port, isShared: false, use: () => {} });
  await alone.close();
}

function tell(thread: Worker, post: ServerPost): void {
  thread.postMessage(post);
}

/** @throws what ended the thread before it said anything */
async function firstPostOf(thread: Worker): Promise<ReceiverPost> {
  const ended = new AbortController();
  thread.once('exit', () => ended.abort(new Error('a receiver of heartbeats ended before it listened')));
  const [post] = (await once(thread, 'message', { signal: ended.signal })) as [ReceiverPost];
  return post;
}

function joinBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
