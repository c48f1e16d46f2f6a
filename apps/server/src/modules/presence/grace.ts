import { timeoutMsOf } from './silence.ts';

/** Length of a turn of the wheel: how exactly a deadline is met. */
export const TICK_MS = 250;

/** Ticks that a time takes; never fewer than it needs. */
export function ticks(durationMs: number): number {
  return Math.ceil(durationMs / TICK_MS);
}

/**
 * What this server's own lateness costs nobody. A short pause can swallow one heartbeat, which the timeout forgives. A long one
 * can swallow more: then products get the time to report again.
 */
export class Grace {
  #tick = 0;
  #missedMs = 0;

  /** @param missedMs time before this tick in which the server did not listen */
  noteTurn(tick: number, missedMs: number): void {
    if (missedMs <= 0) return;
    this.#tick = tick;
    this.#missedMs = missedMs;
  }

  /** No product that reports at this interval is declared silent before this tick. */
  endFor(intervalMs: number): number {
    return this.#missedMs * 2 >= intervalMs ? this.#tick + ticks(timeoutMsOf(intervalMs)) : 0;
  }
}
