import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { limits } from '@holdfast/protocol';
import type { Logger } from 'pino';
import type { DatagramCounts } from './datagram-counts.ts';
import type { AnswerOutlet, DatagramDesk } from './datagram-desk.ts';
import { PresenceError } from './presence.errors.ts';
import type { AnswerPost, DatagramPost, ReceiverPost, ReceiverTask, ServerPost } from './receiver-post.ts';
import type { UdpListener } from './udp-listener.ts';

const RESTART_DELAY_MS = 1_000;
/** Enough for what may wait in a receiver; a fault that fills memory ends the thread and not the server. */
const MAX_HEAP_MB = 128;

export interface UdpReceiversOptions extends Pick<ReceiverTask, 'host' | 'port'> {
  readonly receivers: number;
  readonly desk: DatagramDesk;
  readonly counts: DatagramCounts;
  readonly log: Logger;
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

  /** @throws PresenceError UDP_PORT_IN_USE, UDP_ADDRESS_UNAVAILABLE, UDP_RECEIVERS_UNSUPPORTED */
  static async open(options: UdpReceiversOptions): Promise<UdpReceivers> {
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
        const ended = once(thread, 'exit');
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
    const opened = await firstPostOf(thread);
    if (opened.kind === 'refused') {
      await thread.terminate();
      const { code, message, remedy } = opened;
      throw new PresenceError(code, message, {
        facts: { port: this.#port },
        ...(remedy === undefined ? {} : { remedy }),
      });
    }
    if (opened.kind === 'listening') this.#port = opened.port;
    this.#threads[place] = thread;
    this.#received[place] ??= 0;
    thread.on('message', (post: ReceiverPost) => {
      if (post.kind === 'datagrams') this.#workOff(thread, place, post);
    });
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
    }, RESTART_DELAY_MS).unref();
  }

  #workOff(thread: Worker, place: number, post: DatagramPost): void {
    const { desk, counts } = this.#options;
    const { bytes, ends, addresses, ports, dropped } = post;
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
    let start = 0;
    for (const [index, end] of ends.entries()) {
      current = index;
      const from = { address: addresses[index] ?? '', port: ports[index] ?? 0 };
      desk.receive(bytes.subarray(start, end), from, outlet);
      start = end;
    }
    tell(thread, { kind: 'answers', places, bytes: joinBytes(answers) } satisfies AnswerPost);
  }
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
