import type { Clock } from '@holdfast/kernel';
import type { WaitingQuery } from './command-work.store.ts';

/** Of presence: whether the answers to its heartbeats tell a product to fetch commands. */
export interface WaitingFlags {
  setCommandsWaiting(productNumber: number, areWaiting: boolean): void;
}

const LOAD_BATCH = 50_000;
const RECHECK_BATCH = 20_000;
const MAX_LOOKS = 4;

/** Keeps the flags of presence in step with what waits in the database, also across a restart. */
export class WaitingCommands {
  readonly #listWaiting: (query: WaitingQuery) => Promise<number[]>;
  readonly #clock: Clock;
  readonly #flags: WaitingFlags;
  // Grows with every order. A look into the database that an order has overtaken proves nothing.
  #generation = 0;

  /** @param listWaiting a look into the database: who has something to fetch */
  constructor(listWaiting: (query: WaitingQuery) => Promise<number[]>, clock: Clock, flags: WaitingFlags) {
    this.#listWaiting = listWaiting;
    this.#clock = clock;
    this.#flags = flags;
  }

  /** At start: the flags are in memory only. */
  async load(): Promise<void> {
    let after = 0;
    for (;;) {
      const now = new Date(this.#clock.now());
      const batch = await this.#listWaiting({ after, limit: LOAD_BATCH, now });
      this.mark(batch);
      after = batch.at(-1) ?? after;
      if (batch.length < LOAD_BATCH) return;
    }
  }

  /** After the commit of an order. */
  mark(productNumbers: readonly number[]): void {
    this.#generation += 1;
    for (const productNumber of productNumbers) this.#flags.setCommandsWaiting(productNumber, true);
  }

  /**
   * After the commit of anything that may have ended the waiting. Invariant: a flag that an order has set is never
   * taken back by an older look; in doubt it stays, which costs the product one call for nothing.
   */
  async recheck(productNumbers: readonly number[]): Promise<void> {
    for (let start = 0; start < productNumbers.length; start += RECHECK_BATCH) {
      await this.#recheckBatch(productNumbers.slice(start, start + RECHECK_BATCH));
    }
  }

  async #recheckBatch(among: readonly number[]): Promise<void> {
    for (let look = 0; look < MAX_LOOKS; look += 1) {
      const generation = this.#generation;
      const now = new Date(this.#clock.now());
      const waiting = new Set(await this.#listWaiting({ among, now }));
      if (generation !== this.#generation) continue;
      for (const productNumber of among)
        this.#flags.setCommandsWaiting(productNumber, waiting.has(productNumber));
      return;
    }
  }
}
