import assert from 'node:assert/strict';
import type { NetworkObserver } from './faulty-network.ts';

/** Silence that is normal: two heartbeats at the far end of their jitter. */
const TIMEOUT_INTERVALS = 2.2;
/** What of a pause without a turn the server may count as time in which it listened. */
const COUNTED_MS = 500;
/** How exactly the server measures. */
const TURN_MS = 250;
const GOING_AWAY = 1;
const HANDSHAKE_AGAIN = 2;

export interface PresenceTimes {
  readonly heartbeatIntervalMs: number;
  readonly offlineTimeoutMs: number;
}

/**
 * What may be said of a product, by what reached the server and when. Time is that in which the server turned regularly; while it
 * was late, nobody's silence grows.
 */
export class PresenceModel implements NetworkObserver {
  readonly #times: PresenceTimes;
  #nowMs = 0;
  /** Of the last sign of life that the server certainly took. */
  #signAt = Number.NEGATIVE_INFINITY;
  /** Of the last thing that could have been one, and of the last time that the server was late. */
  #touchAt = 0;
  #disturbedAt = 0;
  /** Nobody is declared silent earlier: the server was late. */
  #graceUntil = 0;
  /** It may have said goodbye. */
  #isAway = false;
  /** When each heartbeat first reached the server. */
  readonly #arrivedAt = new Map<string, number>();
  readonly #counted = new Set<string>();
  /** How often each rule was put to the test. */
  readonly checks = { online: 0, offline: 0 };

  constructor(times: PresenceTimes) {
    this.#times = times;
  }

  /** Time goes on, and the server with it. */
  pass(byMs: number): void {
    this.#nowMs += byMs;
  }

  /** The server did nothing for this long. Half an interval may swallow a heartbeat, and everybody gets time to report again. */
  passLate(byMs: number): void {
    this.#nowMs += Math.min(byMs, COUNTED_MS);
    const missedMs = byMs - COUNTED_MS;
    this.#disturbedAt = this.#nowMs;
    const isLong = missedMs * 2 >= this.#times.heartbeatIntervalMs;
    if (isLong && !this.#isSilent()) this.#graceUntil = this.#nowMs + this.#timeoutMs - TURN_MS;
  }

  /** The clock of the server was set: it may look like sleep. */
  leap(): void {
    this.#disturbedAt = this.#nowMs;
  }

  /** Another process: it has listened to nobody yet, and knows what the one before knew. */
  restart(): void {
    const wasPresent = !this.#isSilent();
    this.#disturbedAt = this.#nowMs;
    this.#graceUntil = 0;
    this.#signAt = wasPresent ? this.#nowMs : Number.NEGATIVE_INFINITY;
  }

  noteTouch(): void {
    this.#touchAt = this.#nowMs;
  }

  noteHandshake(): void {
    this.#signAt = this.#nowMs;
    this.#isAway = false;
  }

  noteHeartbeat(bytes: Uint8Array): (acknowledgement: Uint8Array) => void {
    const heartbeat = Buffer.from(bytes);
    const name = heartbeat.subarray(12, 24).toString('hex');
    const isGoodbye = (heartbeat.readUInt16BE(2) & GOING_AWAY) !== 0;
    if (isGoodbye) this.#isAway = true;
    const atMs = this.#arrivedAt.get(name) ?? this.#nowMs;
    this.#arrivedAt.set(name, atMs);
    return (acknowledgement) => {
      const isTaken = (Buffer.from(acknowledgement).readUInt16BE(2) & HANDSHAKE_AGAIN) === 0;
      // A repetition is acknowledged as well, and is no new sign.
      if (!isTaken || this.#counted.has(name)) return;
      this.#counted.add(name);
      this.#signAt = Math.max(this.#signAt, atMs);
      this.#isAway = isGoodbye;
    };
  }

  /** Compares what the server shows with what may be said. */
  check(status: string, what: string): void {
    if (this.#isAway) return;
    if (!this.#isSilent()) {
      this.checks.online += 1;
      assert.equal(status, 'online', `${what}: a heartbeat came ${this.#nowMs - this.#signAt} ms ago`);
      return;
    }
    const quietMs = this.#nowMs - Math.max(this.#touchAt, this.#disturbedAt);
    if (quietMs <= this.#times.offlineTimeoutMs + this.#timeoutMs + 1_000) return;
    this.checks.offline += 1;
    assert.equal(status, 'offline', `${what}: nothing came for ${quietMs} ms`);
  }

  get #timeoutMs(): number {
    return this.#times.heartbeatIntervalMs * TIMEOUT_INTERVALS;
  }

  #isSilent(): boolean {
    return this.#nowMs > this.#signAt + this.#timeoutMs && this.#nowMs > this.#graceUntil;
  }
}
