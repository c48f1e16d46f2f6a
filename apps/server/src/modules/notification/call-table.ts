import {
  type CommunicationMode,
  communicationModes,
  type NotificationOutcome,
  notificationOutcomes,
  type NotificationWay,
  notificationWays,
} from '@holdfast/api';
import type { Endpoint } from '../datagrams/index.ts';

/** Bits of the column `wishes`. */
export const wishes = {
  /** To be told that commands wait. */
  claim: 1,
  /** To be told to make a handshake. */
  handshake: 2,
  /** Waits for its turn, or a notification is under way. */
  busy: 4,
  /** Is to make a handshake, however it learns of that: until it has made one. */
  handshakeWanted: 8,
  /** To be asked whether it is there. */
  answer: 16,
} as const;

export interface LastNotification {
  readonly atMs: number;
  readonly way: NotificationWay;
  readonly outcome: NotificationOutcome;
}

/** After so many failures in a row a product is not called until its next handshake. */
export const MAX_FAILURES = 3;
const MIN_GROWTH = 1_024;
/** IPv6 addresses take more room than a column has; products beyond this learn with their heartbeat. */
const MAX_LONG_ADDRESSES = 262_144;

function createColumns(capacity: number) {
  return {
    mode: new Uint8Array(capacity),
    failures: new Uint8Array(capacity),
    wishes: new Uint8Array(capacity),
    /** Where the last heartbeat by UDP came from; port 0 is unknown. */
    ipv4: new Uint32Array(capacity),
    port: new Uint16Array(capacity),
    lastAtMs: new Float64Array(capacity),
    /** Way and outcome of the last notification. */
    last: new Uint8Array(capacity),
  };
}

type Columns = ReturnType<typeof createColumns>;
const columnNames = Object.keys(createColumns(0)) as readonly (keyof Columns)[];

/** How each product can be called, as columns indexed by product number: 18 bytes a product, in memory only. */
export class CallTable {
  #columns: Columns = createColumns(MIN_GROWTH);
  readonly #listeners = new Map<number, Endpoint>();
  readonly #longAddresses = new Map<number, string>();
  #givenUpCount = 0;

  /** Products whose calls should work and do not. */
  get givenUpCount(): number {
    return this.#givenUpCount;
  }

  /** The mode that was settled, whether or not calls succeed. */
  settledMode(number: number): CommunicationMode {
    return communicationModes[this.#columns.mode[number] ?? 0] ?? 'one-way';
  }

  /** The mode that is used now. */
  mode(number: number): CommunicationMode {
    return this.isGivenUp(number) ? 'one-way' : this.settledMode(number);
  }

  /** Calls that should work do not. */
  isGivenUp(number: number): boolean {
    return (this.#columns.failures[number] ?? 0) >= MAX_FAILURES;
  }

  setMode(number: number, mode: CommunicationMode, listener: Endpoint | undefined): void {
    this.#makeRoomFor(number);
    this.#columns.mode[number] = communicationModes.indexOf(mode);
    this.#setFailures(number, 0);
    if (listener === undefined) this.#listeners.delete(number);
    else this.#listeners.set(number, listener);
    if (mode !== 'two-way-udp') this.#forgetAddress(number);
  }

  /** Forgets everything about a product: its record is gone. */
  clear(number: number): void {
    this.#listeners.delete(number);
    this.#longAddresses.delete(number);
    if (number >= this.#capacity) return;
    this.#setFailures(number, 0);
    for (const name of columnNames) this.#columns[name][number] = 0;
  }

  listenerOf(number: number): Endpoint | undefined {
    return this.#listeners.get(number);
  }

  /** Only of products that are called by UDP: of others nobody needs it. */
  noteAddress(number: number, address: string, port: number): void {
    const columns = this.#columns;
    if (communicationModes[columns.mode[number] ?? 0] !== 'two-way-udp') return;
    const ipv4 = encodeIpv4(address);
    if (ipv4 !== undefined) {
      columns.ipv4[number] = ipv4;
      columns.port[number] = port;
      return;
    }
    if (this.#longAddresses.get(number) !== address) {
      if (this.#longAddresses.size >= MAX_LONG_ADDRESSES) return this.#forgetAddress(number);
      this.#longAddresses.set(number, address);
    }
    columns.ipv4[number] = 0;
    columns.port[number] = port;
  }

  addressOf(number: number): Endpoint | undefined {
    const port = this.#columns.port[number] ?? 0;
    if (port === 0) return undefined;
    const ipv4 = this.#columns.ipv4[number] ?? 0;
    const address = ipv4 === 0 ? this.#longAddresses.get(number) : formatIpv4(ipv4);
    return address === undefined ? undefined : { address, port };
  }

  has(number: number, wish: number): boolean {
    return ((this.#columns.wishes[number] ?? 0) & wish) !== 0;
  }

  set(number: number, wish: number, isSet: boolean): void {
    this.#makeRoomFor(number);
    const { wishes: column } = this.#columns;
    const old = column[number] ?? 0;
    column[number] = isSet ? old | wish : old & ~wish;
  }

  recordEnd(number: number, last: LastNotification): void {
    this.#makeRoomFor(number);
    this.#columns.lastAtMs[number] = last.atMs;
    this.#columns.last[number] =
      notificationWays.indexOf(last.way) * notificationOutcomes.length +
      notificationOutcomes.indexOf(last.outcome);
  }

  /** Counts towards giving up, or takes all failures back. @returns true when this one was one too many */
  countFailure(number: number, isFailure: boolean): boolean {
    if (number >= this.#capacity) return false;
    const failures = this.#columns.failures[number] ?? 0;
    this.#setFailures(number, isFailure ? Math.min(MAX_FAILURES, failures + 1) : 0);
    return this.isGivenUp(number);
  }

  lastOf(number: number): LastNotification | undefined {
    const atMs = this.#columns.lastAtMs[number] ?? 0;
    if (atMs === 0) return undefined;
    const code = this.#columns.last[number] ?? 0;
    const way = notificationWays[Math.floor(code / notificationOutcomes.length)];
    const outcome = notificationOutcomes[code % notificationOutcomes.length];
    return way === undefined || outcome === undefined ? undefined : { atMs, way, outcome };
  }

  get #capacity(): number {
    return this.#columns.mode.length;
  }

  #setFailures(number: number, failures: number): void {
    const wasGivenUp = this.isGivenUp(number);
    this.#columns.failures[number] = failures;
    this.#givenUpCount += Number(this.isGivenUp(number)) - Number(wasGivenUp);
  }

  #forgetAddress(number: number): void {
    this.#longAddresses.delete(number);
    this.#columns.ipv4[number] = 0;
    this.#columns.port[number] = 0;
  }

  #makeRoomFor(number: number): void {
    if (number < this.#capacity) return;
    const wanted = Math.max(number + 1, Math.ceil(this.#capacity * 1.25), this.#capacity + MIN_GROWTH);
    const grown = createColumns(wanted);
    for (const name of columnNames) grown[name].set(this.#columns[name]);
    this.#columns = grown;
  }
}

const IPV4 = /^(?:::ffff:)?(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/i;

/** An IPv4 address, also one that an IPv6 socket has wrapped, as 32 bits; `undefined` for every other. */
function encodeIpv4(address: string): number | undefined {
  const match = IPV4.exec(address);
  if (match === null) return undefined;
  const bytes = match.slice(1).map(Number);
  if (bytes.some((byte) => byte > 255)) return undefined;
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}

function formatIpv4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}
