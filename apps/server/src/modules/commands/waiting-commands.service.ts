import type { Clock } from '@holdfast/kernel';
import type { WaitingProduct, WaitingQuery } from './command-work.store.ts';

/** Of presence, which knows the hours of each product: what waits, and whether the product is told so now. */
export interface WaitingFlags {
  setCommandsWaiting(productNumber: number, areWaiting: boolean, isUrgent: boolean): void;
  areCommandsWaiting(productNumber: number): boolean;
  isUrgentWaiting(productNumber: number): boolean;
}

const LOAD_BATCH = 50_000;
const RECHECK_BATCH = 20_000;
const MAX_LOOKS = 4;

/** What an order has to tell of a product that somebody looks after right now. */
interface Watch {
  /** How many looks are under way. */
  looks: number;
  /** Grows with every order for this product. */
  orders: number;
}

/** Keeps the flags of presence in step with what waits in the database, also across a restart. */
export class WaitingCommands {
  readonly #listWaiting: (query: WaitingQuery) => Promise<readonly WaitingProduct[]>;
  readonly #clock: Clock;
  readonly #flags: WaitingFlags;
  // Only products that are looked after right now stand here, so it is as large as the looks that are under way.
  readonly #watches = new Map<number, Watch>();

  /** @param listWaiting a look into the database: who has something to fetch */
  constructor(
    listWaiting: (query: WaitingQuery) => Promise<readonly WaitingProduct[]>,
    clock: Clock,
    flags: WaitingFlags,
  ) {
    this.#listWaiting = listWaiting;
    this.#clock = clock;
    this.#flags = flags;
  }

  /** At start: the flags are in memory only. @param onLoaded told whose flags they are */
  async load(onLoaded: (productNumbers: readonly number[]) => void = () => undefined): Promise<void> {
    let after = 0;
    for (;;) {
      const now = new Date(this.#clock.now());
      const batch = await this.#listWaiting({ after, limit: LOAD_BATCH, now });
      for (const { productNumber, isUrgent } of batch) this.mark([productNumber], isUrgent);
      onLoaded(batch.map(({ productNumber }) => productNumber));
      after = batch.at(-1)?.productNumber ?? after;
      if (batch.length < LOAD_BATCH) return;
    }
  }

  /** After the commit of an order. */
  mark(productNumbers: readonly number[], isUrgent = false): void {
    for (const productNumber of productNumbers) {
      const watch = this.#watches.get(productNumber);
      if (watch !== undefined) watch.orders += 1;
      // What is urgent and waits already stays urgent.
      const isAnyUrgent = isUrgent || this.#flags.isUrgentWaiting(productNumber);
      this.#flags.setCommandsWaiting(productNumber, true, isAnyUrgent);
    }
  }

  /** After an order was found that had been given before: nobody may have been told of it. */
  async markAgain(commandId: string): Promise<void> {
    const rows = await this.#listWaiting({ commandId, now: new Date(this.#clock.now()) });
    for (const { productNumber, isUrgent } of rows) this.mark([productNumber], isUrgent);
  }

  /** After a product came and found nothing: if it was told to come, it must not be told so for ever. */
  async recheckIfTold(productNumber: number): Promise<void> {
    if (this.#flags.areCommandsWaiting(productNumber)) await this.recheck([productNumber]);
  }

  /**
   * After the commit of anything that may have ended the waiting. Invariant: a flag that an order has set is never
   * taken back by an older look; in doubt it stays, which costs the product one call for nothing. An order for one
   * product says nothing of the others.
   */
  async recheck(productNumbers: readonly number[]): Promise<void> {
    for (let start = 0; start < productNumbers.length; start += RECHECK_BATCH) {
      let among = productNumbers.slice(start, start + RECHECK_BATCH);
      for (let look = 0; look < MAX_LOOKS && among.length > 0; look += 1) among = await this.#look(among);
    }
  }

  /** @returns those that got a new order meanwhile, of which the look proves nothing */
  async #look(among: readonly number[]): Promise<number[]> {
    const ordersBefore = among.map((productNumber) => this.#watch(productNumber));
    try {
      const now = new Date(this.#clock.now());
      const rows = await this.#listWaiting({ among, now });
      const waiting = new Map(rows.map((row) => [row.productNumber, row.isUrgent]));
      const overtaken: number[] = [];
      for (const [place, productNumber] of among.entries()) {
        if (this.#watches.get(productNumber)?.orders !== ordersBefore[place]) overtaken.push(productNumber);
        else {
          const isUrgent = waiting.get(productNumber);
          this.#flags.setCommandsWaiting(productNumber, isUrgent !== undefined, isUrgent === true);
        }
      }
      return overtaken;
    } finally {
      for (const productNumber of among) this.#unwatch(productNumber);
    }
  }

  #watch(productNumber: number): number {
    const watch = this.#watches.get(productNumber) ?? { looks: 0, orders: 0 };
    watch.looks += 1;
    this.#watches.set(productNumber, watch);
    return watch.orders;
  }

  #unwatch(productNumber: number): void {
    const watch = this.#watches.get(productNumber);
    if (watch === undefined) return;
    watch.looks -= 1;
    if (watch.looks === 0) this.#watches.delete(productNumber);
  }
}
