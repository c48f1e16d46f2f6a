import type { Endpoint } from './udp-sockets.ts';
import type { DatagramPost } from './receiver-post.ts';

/** A second of a million products that report once a minute. */
const DEFAULT_ROOM = 16_384;
/** Some milliseconds of the server's time, between which it does other things. */
const DEFAULT_BATCH = 2_048;

interface Received<Outlet> {
  readonly bytes: Uint8Array;
  readonly from: Endpoint;
  readonly outlet: Outlet;
}

/** Datagrams that wait until the server has worked off those before them. What finds no room is counted and dropped. */
export class DatagramQueue<Outlet> {
  readonly #maxDatagramBytes: number;
  readonly #room: number;
  readonly #batch: number;
  #received: Received<Outlet>[] = [];
  #dropped = 0;

  constructor(options: {
    readonly maxDatagramBytes: number;
    readonly room?: number;
    readonly batch?: number;
  }) {
    this.#maxDatagramBytes = options.maxDatagramBytes;
    this.#room = options.room ?? DEFAULT_ROOM;
    this.#batch = options.batch ?? DEFAULT_BATCH;
  }

  get isEmpty(): boolean {
    return this.#received.length === 0;
  }

  add(bytes: Uint8Array, from: Endpoint, outlet: Outlet): void {
    if (this.#received.length >= this.#room) {
      this.#dropped += 1;
      return;
    }
    // Of one that is too long so much is kept that it is refused for its length; a copy, or the rest would stay as well.
    const isTooLong = bytes.length > this.#maxDatagramBytes;
    const kept = isTooLong ? Uint8Array.from(bytes.subarray(0, this.#maxDatagramBytes + 1)) : bytes;
    this.#received.push({ bytes: kept, from, outlet });
  }

  /** Takes the oldest out, as many as make a batch. */
  takeBatch(): { readonly post: DatagramPost; readonly outlets: readonly Outlet[] } {
    const batch = this.#received.slice(0, this.#batch);
    this.#received = this.#received.slice(this.#batch);
    const parts = batch.map(({ bytes }) => bytes);
    let length = 0;
    const ends = parts.map((part) => (length += part.length));
    const bytes = new Uint8Array(length);
    for (const [place, part] of parts.entries()) bytes.set(part, (ends[place] ?? 0) - part.length);
    const addresses = batch.map(({ from }) => from.address);
    const ports = batch.map(({ from }) => from.port);
    const dropped = this.#dropped;
    this.#dropped = 0;
    return {
      post: { kind: 'datagrams', bytes, ends, addresses, ports, dropped },
      outlets: batch.map(({ outlet }) => outlet),
    };
  }
}
