import type { Clock } from '@holdfast/kernel';

/** How many numbers are reserved ahead in the database. Each start may leave as many unused, so it is no more than needed. */
export const RESERVED_AHEAD = 600_000;

/** The sequence up to which numbers may have been used, outlasting the process. */
export interface CallCountMemory {
  find(): Promise<number | undefined>;
  /** Never lowers it. */
  save(upTo: number): Promise<void>;
}

/**
 * The sequence of notifications, one for all products, so that each has one that only grows. It goes by the wall clock where that
 * helps, because a database that is restored from an old backup then is behind as well. Invariant: no number is given twice, nor
 * is one lower than an earlier one, across restarts and however the clock is set: a product drops what is not greater than the last.
 */
export class CallCount {
  readonly #clock: Clock;
  readonly #memory: CallCountMemory;
  #last = 0;
  #reservedUpTo = 0;

  constructor(clock: Clock, memory: CallCountMemory) {
    this.#clock = clock;
    this.#memory = memory;
  }

  /** Continues after the last number that the previous process may have used. Call it before the first number is given. */
  async resume(): Promise<void> {
    this.#last = Math.max(this.#last, (await this.#memory.find()) ?? 0);
    await this.reserve();
  }

  /** To be called now and then. */
  async reserve(): Promise<void> {
    const used = Math.max(this.#clock.now(), this.#last);
    if (this.#reservedUpTo - used > RESERVED_AHEAD / 2) return;
    const upTo = used + RESERVED_AHEAD;
    await this.#memory.save(upTo);
    this.#reservedUpTo = upTo;
  }

  next(): number {
    // A clock that jumps ahead, or a database that stays away, uses up no more than what is reserved, then one number at a
    // time.
    this.#last = Math.max(Math.min(this.#clock.now(), this.#reservedUpTo), this.#last + 1);
    return this.#last;
  }
}
