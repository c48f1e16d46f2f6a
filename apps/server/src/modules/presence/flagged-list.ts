import type { PresenceTable } from './presence-table.ts';

/**
 * The products that carry a flag, in no order. A product is in the list once however often it is added, so that the
 * list is never longer than the fleet.
 */
export class FlaggedList {
  readonly #table: PresenceTable;
  readonly #flag: number;
  #numbers: number[] = [];

  constructor(table: PresenceTable, flag: number) {
    this.#table = table;
    this.#flag = flag;
  }

  get length(): number {
    return this.#numbers.length;
  }

  add(number: number): void {
    if (!this.#table.isKnown(number) || this.#table.has(number, this.#flag)) return;
    this.#table.set(number, this.#flag, true);
    this.#numbers.push(number);
  }

  /** Takes up to `max` products out of the list; those that were removed meanwhile are left out. */
  take(max: number): number[] {
    const taken = this.#numbers.splice(Math.max(0, this.#numbers.length - max));
    return taken.filter((number) => {
      // A product that was removed and came back may stand here twice: only the flag counts.
      const isListed = this.#table.has(number, this.#flag);
      this.#table.set(number, this.#flag, false);
      return isListed;
    });
  }
}
