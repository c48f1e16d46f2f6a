import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** The reply to a datagram that nobody asked for; `undefined` is silence. */
export type AnswerDatagram = (bytes: Uint8Array) => Uint8Array | undefined;

/**
 * A UDP socket tied to one peer: the system drops datagrams of anybody else. Faults of the network (port closed, no route) are
 * silence, as they are on UDP; whoever waits for an answer has a time limit.
 */
export class DatagramChannel {
  readonly #socket: Socket;
  /** Whoever waits for an answer: true when the datagram was it. */
  #listener: ((bytes: Uint8Array) => boolean) | undefined;
  /** Ends the wait under way without an answer. */
  #giveUp: (() => void) | undefined;

  private constructor(socket: Socket, answer: AnswerDatagram | undefined) {
    this.#socket = socket;
    socket.on('message', (bytes) => {
      if (this.#listener?.(bytes) === true) return;
      const reply = answer?.(bytes);
      if (reply !== undefined) this.send(reply);
    });
    // "Connection refused" comes as an ICMP message after the fact; the lack of an answer says the same.
    socket.on('error', () => undefined);
  }

  /**
   * @param answer judges what comes without having been asked for, also between two questions
   * @throws the system's error when no socket can be opened to this address
   */
  static async open(address: string, port: number, answer?: AnswerDatagram): Promise<DatagramChannel> {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    try {
      socket.connect(port, address);
      await once(socket, 'connect');
      return new DatagramChannel(socket, answer);
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  /** Sends and forgets. */
  send(bytes: Uint8Array): void {
    try {
      this.#socket.send(bytes, () => undefined);
    } catch {
      // The socket was closed meanwhile: the datagram is lost, as any may be.
    }
  }

  /**
   * Sends `bytes` at once and again after each pause, until a received datagram satisfies `accept` or the last pause is
   * over, or the channel is closed. One wait at a time.
   */
  async ask<Answer>(options: {
    readonly bytes: readonly Uint8Array[];
    readonly pausesMs: readonly number[];
    readonly accept: (bytes: Uint8Array) => Answer | undefined;
  }): Promise<{ readonly answer: Answer | undefined; readonly sent: number }> {
    const { promise, resolve } = Promise.withResolvers<Answer | undefined>();
    let isGivenUp = false;
    this.#giveUp = () => {
      isGivenUp = true;
      resolve(undefined);
    };
    this.#listener = (bytes) => {
      const answer = options.accept(bytes);
      if (answer !== undefined) resolve(answer);
      return answer !== undefined;
    };
    let sent = 0;
    try {
      for (const [index, bytes] of options.bytes.entries()) {
        this.send(bytes);
        sent++;
        const answer = await within(promise, options.pausesMs[index] ?? 0);
        if (answer !== undefined || isGivenUp) return { answer, sent };
      }
      return { answer: undefined, sent };
    } finally {
      this.#listener = undefined;
      this.#giveUp = undefined;
    }
  }

  close(): void {
    this.#listener = undefined;
    this.#giveUp?.();
    try {
      this.#socket.close();
    } catch {
      // Closed already.
    }
  }
}

async function within<Answer>(promise: Promise<Answer>, waitMs: number): Promise<Answer | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, waitMs, undefined);
  });
  try {
    return await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
  }
}
