import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { DelayLine } from './delay-line.ts';
import { drawAt, DrawPurpose } from './draw.ts';
import { drawsPerDatagram, type NetworkFaults, planDatagram } from './fault-plan.ts';
import type { FleetCounts } from './fleet-counts.ts';

const BUFFER_BYTES = 8 << 20;
const TICK_MS = 5;
/** A datagram that is held back, and that nothing passes, goes on after this time. */
const LONGEST_HOLD_MS = 3_000;

interface UnderWay {
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** One direction: what goes in comes out late, twice, out of order, or never, as the seed decides. */
class FaultyWay {
  readonly #faults: NetworkFaults;
  readonly #counts: FleetCounts;
  readonly #draw: (index: number, count: number) => number;
  readonly #deliver: (index: number, bytes: Uint8Array) => void;
  readonly #line = new DelayLine<UnderWay>(TICK_MS);
  readonly #held = new Map<number, { readonly bytes: Uint8Array; readonly untilMs: number }>();
  /** Datagrams of each product so far. */
  readonly #passed: Uint32Array;

  constructor(options: {
    readonly products: number;
    readonly seed: number;
    readonly purpose: DrawPurpose;
    readonly faults: NetworkFaults;
    readonly counts: FleetCounts;
    readonly deliver: (index: number, bytes: Uint8Array) => void;
  }) {
    const { seed, purpose } = options;
    this.#faults = options.faults;
    this.#counts = options.counts;
    this.#deliver = options.deliver;
    this.#draw = (index, count) => drawAt(seed, index, purpose, count);
    this.#passed = new Uint32Array(options.products);
  }

  pass(index: number, bytes: Uint8Array, nowMs: number): void {
    const nth = this.#passed[index] ?? 0;
    this.#passed[index] = nth + 1;
    const fate = planDatagram(this.#faults, (count) => this.#draw(index, drawsPerDatagram * nth + count));
    if (fate.delaysMs.length === 0) this.#counts.datagramsLost++;
    if (fate.delaysMs.length === 2) this.#counts.datagramsDuplicated++;
    const held = this.#held.get(index);
    this.#held.delete(index);
    for (const delayMs of fate.delaysMs) {
      if (fate.isHeldBack && !this.#held.has(index)) {
        this.#counts.datagramsHeldBack++;
        this.#held.set(index, { bytes, untilMs: nowMs + LONGEST_HOLD_MS });
      } else this.#send({ index, bytes }, delayMs, nowMs);
    }
    // The later one has passed: the one that was held back follows it.
    if (held !== undefined)
      this.#send({ index, bytes: held.bytes }, this.#faults.maxDelayMs + TICK_MS, nowMs);
  }

  release(nowMs: number): void {
    for (const [index, { bytes, untilMs }] of this.#held) {
      // The first one in is the first one out, so all behind it are younger.
      if (untilMs > nowMs) break;
      this.#held.delete(index);
      this.#deliver(index, bytes);
    }
    this.#line.release(nowMs, ({ index, bytes }) => this.#deliver(index, bytes));
  }

  #send(one: UnderWay, delayMs: number, nowMs: number): void {
    if (delayMs <= 0) this.#deliver(one.index, one.bytes);
    else this.#line.add(one, nowMs + delayMs);
  }
}

export interface FleetNetworkOptions {
  readonly products: number;
  readonly seed: number;
  readonly faults: NetworkFaults;
  readonly counts: FleetCounts;
  /** IP address of the server. */
  readonly address: string;
  /** Addresses to send from; none: the system chooses one. */
  readonly sources: readonly string[];
  readonly nowMs: () => number;
  /** Whose datagram it is, by what it says; `undefined`: nobody's. */
  readonly findAddressee: (bytes: Uint8Array) => number | undefined;
  readonly onDatagram: (bytes: Uint8Array) => void;
}

/** The UDP sockets of a fleet, one for each address it has, with the faults of the network in both directions. */
export class FleetNetwork {
  readonly #options: FleetNetworkOptions;
  readonly #outward: FaultyWay;
  readonly #inward: FaultyWay;
  #sockets: readonly Socket[] = [];
  #port = 0;
  #isClosed = false;
  #opening: Promise<void> | undefined;

  constructor(options: FleetNetworkOptions) {
    this.#options = options;
    this.#outward = new FaultyWay({
      ...options,
      purpose: DrawPurpose.sent,
      deliver: (index, bytes) => this.#sockets[index % this.#sockets.length]?.send(bytes, () => undefined),
    });
    this.#inward = new FaultyWay({
      ...options,
      purpose: DrawPurpose.received,
      deliver: (_index, bytes) => options.onDatagram(bytes),
    });
  }

  /** Opens the sockets towards this port of the server, once. */
  async open(port: number): Promise<void> {
    if (this.#port !== port) {
      this.#port = port;
      const former = this.#sockets;
      this.#opening = this.#openAll(port).then((sockets) => {
        for (const socket of former) socket.close();
        this.#sockets = sockets;
        // The fleet was stopped meanwhile: an open socket would keep the process alive.
        if (this.#isClosed) this.close();
      });
    }
    await this.#opening;
  }

  send(index: number, bytes: Uint8Array): void {
    this.#options.counts.datagramsSent++;
    this.#outward.pass(index, bytes, this.#options.nowMs());
  }

  /** Lets on what was held back or delayed long enough; called every few milliseconds. */
  release(nowMs: number): void {
    this.#outward.release(nowMs);
    this.#inward.release(nowMs);
  }

  close(): void {
    this.#isClosed = true;
    for (const socket of this.#sockets) socket.close();
    this.#sockets = [];
    this.#port = 0;
  }

  async #openAll(port: number): Promise<readonly Socket[]> {
    const { sources } = this.#options;
    const wanted = sources.length === 0 ? [undefined] : sources;
    return await Promise.all(wanted.map((source) => this.#openOne(source, port)));
  }

  async #openOne(source: string | undefined, port: number): Promise<Socket> {
    const { address, counts } = this.#options;
    const socket = createSocket({
      type: isIPv6(address) ? 'udp6' : 'udp4',
      recvBufferSize: BUFFER_BYTES,
      sendBufferSize: BUFFER_BYTES,
    });
    // A closed port answers by ICMP, after the fact; the lack of an answer says the same.
    socket.on('error', () => undefined);
    socket.on('message', (bytes) => {
      counts.datagramsReceived++;
      const index = this.#options.findAddressee(bytes);
      if (index === undefined) counts.datagramsIgnored++;
      else this.#inward.pass(index, bytes, this.#options.nowMs());
    });
    if (source !== undefined) {
      const listening = once(socket, 'listening');
      socket.bind(0, source);
      await listening;
    }
    const connected = once(socket, 'connect');
    socket.connect(port, address);
    await connected;
    return socket;
  }
}
