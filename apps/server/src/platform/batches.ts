import { isTransientDatabaseError } from './database/index.ts';

/** What a batch answers for an item that it leaves to be done alone. */
export const alone = Symbol('alone');

export interface BatchesOptions<Item, Result> {
  /** So many items at most are done together. */
  readonly maxItems: number;
  /** So many batches at a time. */
  readonly maxBatches: number;
  /** So many items at a time that are done alone. */
  readonly maxAlone: number;
  /** All of them or none, with an answer for each in their order. */
  readonly doTogether: (items: readonly Item[]) => Promise<readonly (Result | typeof alone)[]>;
  readonly doAlone: (item: Item) => Promise<Result>;
}

/**
 * Does together what waits at the same time, so that many callers share one commit (group commit). What comes while nothing is
 * under way is begun at once. Promises that nobody's failure is another one's: a batch that fails is done in halves, and what is left
 * of it alone in the end; and that what a batch leaves out keeps no later one waiting. While the database cannot work, all who wait in a batch are told so.
 */
export class Batches<Item, Result> {
  readonly #options: BatchesOptions<Item, Result>;
  readonly #waiting: Waiting<Item, Result>[] = [];
  readonly #leftOut: Waiting<Item, Result>[] = [];
  #batches = 0;
  #alone = 0;

  constructor(options: BatchesOptions<Item, Result>) {
    this.#options = options;
  }

  async do(item: Item): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    this.#waiting.push({ item, resolve, reject });
    if (this.#batches < this.#options.maxBatches) void this.#doWaiting();
    return await promise;
  }

  async #doWaiting(): Promise<void> {
    this.#batches += 1;
    while (this.#waiting.length > 0) await this.#doTogether(this.#waiting.splice(0, this.#options.maxItems));
    this.#batches -= 1;
  }

  async #doTogether(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#options.doTogether(batch.map(({ item }) => item));
      for (const [place, waiting] of batch.entries()) {
        const result = results[place] ?? alone;
        if (result === alone) this.#leaveOut(waiting);
        else waiting.resolve(result);
      }
    } catch (error) {
      if (isTransientDatabaseError(error)) return batch.forEach(({ reject }) => reject(error));
      const [first] = batch;
      if (batch.length === 1 && first !== undefined) return this.#leaveOut(first);
      const middle = Math.ceil(batch.length / 2);
      await this.#doTogether(batch.slice(0, middle));
      await this.#doTogether(batch.slice(middle));
    }
  }

  #leaveOut(waiting: Waiting<Item, Result>): void {
    this.#leftOut.push(waiting);
    if (this.#alone < this.#options.maxAlone) void this.#doLeftOut();
  }

  async #doLeftOut(): Promise<void> {
    this.#alone += 1;
    for (let next = this.#leftOut.shift(); next !== undefined; next = this.#leftOut.shift()) {
      const { item, resolve, reject } = next;
      await this.#options.doAlone(item).then(resolve, reject);
    }
    this.#alone -= 1;
  }
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}
