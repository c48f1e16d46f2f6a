import type { PresenceTable } from './presence-table.ts';

/**
 * The products that carry a flag, in no order. A product is in the list once however often it is added, so that the
 * list is never longer than about twice the fleet.
 */
export class FlaggedList {
  readonly #table: PresenceTable;
  readonly #flag: number;
  #numbers: number[] = [];
  // Places of #numbers whose product was discarded.
  #discarded = 0;

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

  /** Takes one product out. Its place stays until half of the places are such: then they are cleared away together. */
  discard(number: number): void {
    if (!this.#table.has(number, this.#flag)) return;
    this.#table.set(number, this.#flag, false);
    this.#discarded += 1;
    if (this.#discarded * 2 <= this.#numbers.length) return;
    for (const listed of this.take(this.#numbers.length)) this.add(listed);
    this.#discarded = 0;
  }

  /** Takes up to `max` products out of the list; those that were removed meanwhile are left out. */
  take(max: number): number[] {
    const taken = this.#numbers.splice(Math.max(0, this.#numbers.length - max));
    const listed = taken.filter((number) => {
      // A product that was taken out and came back may stand here twice: only the flag counts.
      const isListed = this.#table.has(number, this.#flag);
      this.#table.set(number, this.#flag, false);
      return isListed;
    });
    this.#discarded = Math.max(0, this.#discarded - (taken.length - listed.length));
    return listed;
  }
}
