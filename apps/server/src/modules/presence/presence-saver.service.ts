import type { Database } from '../../platform/database/database.ts';
import type { PresenceEngine } from './presence-engine.ts';
import { savePresence } from './presence.store.ts';

/** Rows of one statement: enough to be fast, few enough to hold no lock for long. */
const BATCH_SIZE = 5_000;

/**
 * Brings the database up to memory. One save runs at a time, so that an older state never overwrites a newer one. What
 * cannot be written stays marked, which costs nothing more than the flag that it has already.
 */
export class PresenceSaver {
  readonly #db: Database;
  readonly #engine: PresenceEngine;
  #last: Promise<void> = Promise.resolve();

  constructor(db: Database, engine: PresenceEngine) {
    this.#db = db;
    this.#engine = engine;
  }

  /** Writes everything that differs now. */
  async saveAll(): Promise<void> {
    await this.#inTurn(async () => {
      await this.#saveChangedStatuses();
      await this.#saveRest();
    });
  }

  /** Writes the statuses that differ now, so that a list that is filtered by status is right. Usually there are few. */
  async saveStatuses(): Promise<void> {
    await this.#inTurn(() => this.#saveChangedStatuses());
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(work);
    // The next one begins after this one however it ends; its failure is its caller's.
    this.#last = turn.catch(() => {});
    await turn;
  }

  async #saveChangedStatuses(): Promise<void> {
    const { statusUnsaved, unsaved } = this.#engine;
    // What is marked while this runs waits for the next time, or a busy fleet would keep it running for ever.
    for (let left = statusUnsaved.length; left > 0; left -= BATCH_SIZE) {
      const numbers = statusUnsaved.take(Math.min(left, BATCH_SIZE));
      // A product is written whole. Its marks go before, because what changes while it is written must mark it anew.
      for (const number of numbers) unsaved.discard(number);
      await this.#write(numbers, () => {
        for (const number of numbers) {
          statusUnsaved.add(number);
          unsaved.add(number);
        }
      });
    }
  }

  async #saveRest(): Promise<void> {
    const { unsaved } = this.#engine;
    for (let left = unsaved.length; left > 0; left -= BATCH_SIZE) {
      const numbers = unsaved.take(Math.min(left, BATCH_SIZE));
      await this.#write(numbers, () => {
        for (const number of numbers) unsaved.add(number);
      });
    }
  }

  async #write(numbers: readonly number[], markAgain: () => void): Promise<void> {
    if (numbers.length === 0) return;
    try {
      await savePresence(this.#db, this.#engine.table, numbers);
    } catch (error) {
      markAgain();
      throw error;
    }
  }
}
