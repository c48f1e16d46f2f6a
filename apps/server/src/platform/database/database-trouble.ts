import { type Clock, hasCode } from '@holdfast/kernel';

export interface DatabaseTroubleOptions {
  readonly clock: Clock;
  /** Asks over a connection of its own whether the database takes changes, and notes it when it does. Never throws. */
  readonly askAgain: () => Promise<unknown>;
}

const LOOK_INTERVAL_MS = 1_000;
/** Nothing says that a disk has room again, so the answer of the last write stands for so long. */
const FULL_FOR_MS = 10_000;

/** What the statements of one pool met that the next ones would meet as well, and when that is over. */
export class DatabaseTrouble {
  readonly #options: DatabaseTroubleOptions;
  #isReadOnly = false;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #fullAtMs = Number.NEGATIVE_INFINITY;
  #generation = 0;

  constructor(options: DatabaseTroubleOptions) {
    this.#options = options;
  }

  /** Connections of an earlier one are to be replaced. */
  get generation(): number {
    return this.#generation;
  }

  /** True while a write was refused a moment ago because the disk is full. */
  get isFullOfLate(): boolean {
    return this.#options.clock.monotonic() - this.#fullAtMs < FULL_FOR_MS;
  }

  note(error: unknown): void {
    if (hasCode(error, 'DATABASE_READ_ONLY')) this.#isReadOnly = true;
    else if (hasCode(error, 'DATABASE_DISK_FULL')) this.#fullAtMs = this.#options.clock.monotonic();
  }

  /** While the database could only be read: asks now and then whether that is over. Never throws. */
  async look(): Promise<void> {
    const now = this.#options.clock.monotonic();
    if (!this.#isReadOnly || now - this.#lookedAtMs < LOOK_INTERVAL_MS) return;
    this.#lookedAtMs = now;
    await this.#options.askAgain();
  }

  /** A connection that was made just now takes changes. */
  noteWritable(): void {
    if (!this.#isReadOnly) return;
    this.#isReadOnly = false;
    this.#generation += 1;
  }
}
