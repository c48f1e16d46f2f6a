import type { ServerResponse } from 'node:http';
import { datagramMediaType } from '@holdfast/protocol';

/** The response of a request that was taken over from the framework. */
export type StreamTarget = Pick<
  ServerResponse,
  | 'writeHead'
  | 'flushHeaders'
  | 'write'
  | 'end'
  | 'destroy'
  | 'on'
  | 'socket'
  | 'destroyed'
  | 'writableLength'
>;

interface HeldStream {
  readonly epoch: number;
  readonly target: StreamTarget;
}

/** The streams of a slot are written to in the same second, so each stream gets something once per round. */
export const STREAM_SLOTS = 50;
/** Bytes that may wait for a reader that does not read: dozens of notifications. */
const MAX_BUFFERED_BYTES = 4_096;

/**
 * The streams that products keep open. One for each product; the newest counts. Nothing of the framework is kept for a stream,
 * and there is no timer for each: who is written to in which second depends on the product number alone.
 */
export class HeldStreams {
  readonly limit: number;
  readonly #slots: readonly Map<number, HeldStream>[] = Array.from({ length: STREAM_SLOTS }, () => new Map());
  readonly #sealQuiet: (productNumber: number, epoch: number) => Uint8Array;
  #count = 0;
  #turn = 0;
  #isStopped = false;

  constructor(options: {
    readonly limit: number;
    /** A notification that says nothing but that the server is there. */
    readonly sealQuiet: (productNumber: number, epoch: number) => Uint8Array;
  }) {
    this.limit = options.limit;
    this.#sealQuiet = options.sealQuiet;
  }

  get count(): number {
    return this.#count;
  }

  /** True when this product may have a stream: a new one, or one in place of its own. */
  hasRoomFor(productNumber: number): boolean {
    return !this.#isStopped && (this.#count < this.limit || this.#slotOf(productNumber).has(productNumber));
  }

  /** Begins the answer, and ends the earlier stream of the product. There must be room. */
  open(productNumber: number, epoch: number, target: StreamTarget): void {
    this.end(productNumber);
    const stream = { epoch, target };
    target.writeHead(200, { 'content-type': datagramMediaType, 'cache-control': 'no-store' });
    target.flushHeaders();
    if (target.destroyed || this.#isStopped) return void target.end();
    // The inactivity limit of the server is for stalled requests. Here the operating system notices that a computer is gone.
    target.socket?.setTimeout(0);
    target.socket?.setKeepAlive(true, 120_000);
    this.#slotOf(productNumber).set(productNumber, stream);
    this.#count += 1;
    const forget = (): void => this.#forget(productNumber, stream);
    target.on('close', forget);
    target.on('error', forget);
  }

  /** False when there is no stream of this product and epoch, or its reader does not read. */
  write(productNumber: number, epoch: number, bytes: Uint8Array): boolean {
    const stream = this.#slotOf(productNumber).get(productNumber);
    if (stream?.epoch !== epoch) return false;
    if (stream.target.writableLength > MAX_BUFFERED_BYTES) {
      stream.target.destroy();
      return false;
    }
    stream.target.write(bytes);
    return true;
  }

  has(productNumber: number): boolean {
    return this.#slotOf(productNumber).has(productNumber);
  }

  end(productNumber: number): void {
    const stream = this.#slotOf(productNumber).get(productNumber);
    if (stream === undefined) return;
    this.#forget(productNumber, stream);
    stream.target.end();
  }

  /** To be called every second. */
  turn(): void {
    const slot = this.#slots[this.#turn % STREAM_SLOTS];
    this.#turn += 1;
    for (const [productNumber, { epoch }] of slot ?? []) {
      this.write(productNumber, epoch, this.#sealQuiet(productNumber, epoch));
    }
  }

  /** Ends every stream and every one that is opened later; their products come back spread over time. */
  stop(): void {
    this.#isStopped = true;
    for (const slot of this.#slots) for (const productNumber of [...slot.keys()]) this.end(productNumber);
  }

  #slotOf(productNumber: number): Map<number, HeldStream> {
    // The remainder of a whole number is a place in the list.
    return this.#slots[productNumber % STREAM_SLOTS] as Map<number, HeldStream>;
  }

  #forget(productNumber: number, stream: HeldStream): void {
    const slot = this.#slotOf(productNumber);
    if (slot.get(productNumber) !== stream) return;
    slot.delete(productNumber);
    this.#count -= 1;
  }
}
