import { type Database, inTransaction } from '../../platform/database/index.ts';
import type { RecordEvents } from '../../platform/events/domain-event.ts';
import type { PresenceEngine } from './presence-engine.ts';
import { describeChange } from './presence.events.ts';
import { savePresence, saveStatuses } from './presence.store.ts';

/** Rows of one statement: enough to be fast, few enough to hold no lock for long. */
const BATCH_SIZE = 5_000;

/**
 * Writes memory to the database. One save runs at a time, so that an older state never overwrites a newer one. What
 * cannot be written stays marked.
 */
export class PresenceSaver {
  readonly #db: Database;
  readonly #engine: PresenceEngine;
  readonly #recordEvents: RecordEvents;
  #last: Promise<void> = Promise.resolve();

  constructor(db: Database, engine: PresenceEngine, recordEvents: RecordEvents) {
    this.#db = db;
    this.#engine = engine;
    this.#recordEvents = recordEvents;
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
    // The next one begins after this one even if it fails; the failure goes to its caller.
    this.#last = turn.catch(() => {});
    await turn;
  }

  async #saveChangedStatuses(): Promise<void> {
    const { statusUnsaved, unsaved } = this.#engine;
    // What is marked meanwhile waits for the next run, or a busy fleet would keep this running for ever.
    for (let left = statusUnsaved.length; left > 0; left -= BATCH_SIZE) {
      const numbers = statusUnsaved.take(Math.min(left, BATCH_SIZE));
      // A product is written whole. Its marks are cleared first, because what changes during the write must mark it
      // again.
      for (const number of numbers) unsaved.discard(number);
      const write = (): Promise<void> => this.#saveAndTell(numbers);
      await this.#write(numbers, write, () => {
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
      const write = (): Promise<void> => savePresence(this.#db, this.#engine.table, numbers);
      await this.#write(numbers, write, () => {
        for (const number of numbers) unsaved.add(number);
      });
    }
  }

  /** A product that goes offline with the whole fleet costs one more row in one statement. */
  async #saveAndTell(numbers: readonly number[]): Promise<void> {
    await inTransaction(this.#db, async (transaction) => {
      const changes = await saveStatuses(transaction, this.#engine.table, numbers);
      await this.#recordEvents(transaction, changes.map(describeChange));
    });
  }

  async #write(numbers: readonly number[], write: () => Promise<void>, markAgain: () => void): Promise<void> {
    if (numbers.length === 0) return;
    try {
      await write();
    } catch (error) {
      markAgain();
      throw error;
    }
  }
}
