import type { Clock } from '@holdfast/kernel';

/**
 * The clock of a server that is given a past: its wall time lies behind the present by as much as it is told, and goes on from
 * there. Durations are real ones, so a leap is to the server what a night with the lid closed is to a laptop.
 */
export class PastClock implements Clock {
  readonly #real: Clock;
  #behindMs = 0;

  constructor(real: Clock) {
    this.#real = real;
  }

  now(): number {
    return this.#real.now() - this.#behindMs;
  }

  monotonic(): number {
    return this.#real.monotonic();
  }

  /** @param behindMs 0: the present */
  goTo(behindMs: number): void {
    this.#behindMs = behindMs;
  }
}
