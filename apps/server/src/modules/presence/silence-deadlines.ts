import { ticks } from './grace.ts';
import type { PresenceTable } from './presence-table.ts';
import { type CommunicationTimes, lateMsOf, offlineMsOf, timeoutMsOf } from './silence.ts';
import type { TimingWheel } from './timing-wheel.ts';

/**
 * When the silence of each product means something: a product that is online has two hours, after which its heartbeat is late and after
 * which it has timed out, and one that is not has one, after which it is offline.
 */
export class SilenceDeadlines {
  readonly #table: PresenceTable;
  readonly #wheel: TimingWheel;
  readonly #timesOf: (number: number) => CommunicationTimes;

  constructor(table: PresenceTable, wheel: TimingWheel, timesOf: (number: number) => CommunicationTimes) {
    this.#table = table;
    this.#wheel = wheel;
    this.#timesOf = timesOf;
  }

  awaitSign(number: number): void {
    this.#schedule(number, lateMsOf(this.#awaitedMs(number)));
  }

  awaitTimeout(number: number): void {
    this.#schedule(number, timeoutMsOf(this.#awaitedMs(number)));
  }

  awaitEnd(number: number): void {
    this.#schedule(number, this.#offlineMs(number));
  }

  /**
   * An answer that may be lost tells this interval: until the next sign the longer one of the old and the new counts.
   *
   * @returns false when it is the old one
   */
  noteEitherInterval(number: number, nextMs: number): boolean {
    const { awaitedMs, intervalMs } = this.#table.columns;
    if (intervalMs[number] === nextMs) return false;
    intervalMs[number] = nextMs;
    awaitedMs[number] = Math.max(awaitedMs[number] ?? 0, nextMs);
    return true;
  }

  isLate(number: number): boolean {
    return this.#silentTicks(number) > ticks(lateMsOf(this.#awaitedMs(number)));
  }

  isTimedOut(number: number): boolean {
    return this.#silentTicks(number) > ticks(timeoutMsOf(this.#awaitedMs(number)));
  }

  isOver(number: number): boolean {
    return this.#silentTicks(number) > ticks(this.#offlineMs(number));
  }

  #schedule(number: number, silenceMs: number): void {
    // One turn more: the sign came some time after its tick began, and nobody is declared silent too early.
    this.#wheel.schedule(number, (this.#table.columns.signTick[number] ?? 0) + ticks(silenceMs) + 1);
  }

  #awaitedMs(number: number): number {
    return (this.#table.columns.awaitedMs[number] ?? 0) || this.#timesOf(number).heartbeatIntervalMs;
  }

  #offlineMs(number: number): number {
    const times = this.#timesOf(number);
    return offlineMsOf((this.#table.columns.intervalMs[number] ?? 0) || times.heartbeatIntervalMs, times);
  }

  #silentTicks(number: number): number {
    return this.#wheel.tick - (this.#table.columns.signTick[number] ?? 0);
  }
}
