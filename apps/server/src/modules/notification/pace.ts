import type { Clock } from '@holdfast/kernel';

/** Lets so many happen in a second, and a few at once. */
export class Pace {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #clock: Clock;
  #left: number;
  #countedAtMs: number;

  constructor(settings: { readonly perSecond: number; readonly burst: number }, clock: Clock) {
    this.#perSecond = settings.perSecond;
    this.#burst = settings.burst;
    this.#clock = clock;
    this.#left = settings.burst;
    this.#countedAtMs = clock.monotonic();
  }

  /** False: not now. */
  take(): boolean {
    if (!this.hasLeft()) return false;
    this.#left -= 1;
    return true;
  }

  hasLeft(): boolean {
    const nowMs = this.#clock.monotonic();
    this.#left = Math.min(this.#burst, this.#left + ((nowMs - this.#countedAtMs) * this.#perSecond) / 1_000);
    this.#countedAtMs = nowMs;
    return this.#left >= 1;
  }
}
