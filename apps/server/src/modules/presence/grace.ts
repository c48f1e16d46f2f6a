import { limits } from '@holdfast/protocol';
import { timeoutMsOf } from './silence.ts';

/** Length of a turn of the wheel: how exactly a deadline is met. */
export const TICK_MS = 250;

/** Ticks that a time takes; never fewer than it needs. */
export function ticks(durationMs: number): number {
  return Math.ceil(durationMs / TICK_MS);
}

/**
 * A delay of this server that harms nobody. A short pause can swallow one heartbeat, which the timeout forgives. A long one
 * can swallow more: then products get the time to report again. A hiccup soon after does not take it from them.
 */
export class Grace {
  /** In their order. Invariant: each is shorter than the one before, which it would cover otherwise. */
  #pauses: readonly Pause[] = [];

  /** @param missedMs time before this tick in which the server did not listen */
  noteTurn(tick: number, missedMs: number): void {
    // No product reports so often that this could swallow more than one heartbeat.
    if (missedMs * 2 < limits.minHeartbeatIntervalMs) return;
    const pause = { tick, missedMs };
    const isStillNeeded = (one: Pause): boolean =>
      one.missedMs > missedMs && endOf(one, one.missedMs * 2) > tick;
    this.#pauses = [...this.#pauses.filter(isStillNeeded), pause];
  }

  /** No product that reports at this interval is declared silent before this tick. */
  endFor(intervalMs: number): number {
    const last = this.#pauses.findLast(({ missedMs }) => missedMs * 2 >= intervalMs);
    return last === undefined ? 0 : endOf(last, intervalMs);
  }
}

interface Pause {
  /** At which it was over. */
  readonly tick: number;
  readonly missedMs: number;
}

function endOf({ tick }: Pause, intervalMs: number): number {
  return tick + ticks(timeoutMsOf(intervalMs));
}
