import type { Database } from '../../platform/database/database.ts';
import type { FlaggedList } from './flagged-list.ts';
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
      await this.#save(this.#engine.statusUnsaved);
      await this.#save(this.#engine.unsaved);
    });
  }

  /** Writes the statuses that differ now, so that a list that is filtered by status is right. Usually there are few. */
  async saveStatuses(): Promise<void> {
    await this.#inTurn(() => this.#save(this.#engine.statusUnsaved));
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(work);
    // The next one begins after this one however it ends; its failure is its caller's.
    this.#last = turn.catch(() => {});
    await turn;
  }

  async #save(list: FlaggedList): Promise<void> {
    // What is marked while this runs waits for the next time, or a busy fleet would keep it running for ever.
    for (let left = list.length; left > 0; left -= BATCH_SIZE) {
      const numbers = list.take(Math.min(left, BATCH_SIZE));
      try {
        if (numbers.length > 0) await savePresence(this.#db, this.#engine.table, numbers);
      } catch (error) {
        for (const number of numbers) list.add(number);
        throw error;
      }
    }
  }
}
