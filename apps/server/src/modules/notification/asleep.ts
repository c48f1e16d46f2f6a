/** Whoever is looked at within this many milliseconds costs nothing; all of a large fleet are within some seconds. */
const LOOKS_PER_TURN = 20_000;

/**
 * Products for which something was ordered in their idle hours, to be called when these end. Some are checked in every turn,
 * instead of a timer for each: the hours of a product may change at any time.
 */
export class AsleepProducts {
  readonly #isAsleep: (productNumber: number) => boolean;
  readonly #numbers: number[] = [];
  readonly #known = new Set<number>();
  #next = 0;

  /** @param isAsleep idle hours of a product that can still be called */
  constructor(isAsleep: (productNumber: number) => boolean) {
    this.#isAsleep = isAsleep;
  }

  get count(): number {
    return this.#numbers.length;
  }

  add(productNumber: number): void {
    if (this.#known.has(productNumber)) return;
    this.#known.add(productNumber);
    this.#numbers.push(productNumber);
  }

  /** To be called every second. @returns those who are awake now; they are forgotten */
  takeAwake(): number[] {
    const awake: number[] = [];
    for (let looks = Math.min(LOOKS_PER_TURN, this.#numbers.length); looks > 0; looks -= 1) {
      if (this.#next >= this.#numbers.length) this.#next = 0;
      const number = this.#numbers[this.#next];
      if (number === undefined) break;
      if (this.#isAsleep(number)) {
        this.#next += 1;
        continue;
      }
      awake.push(number);
      this.#known.delete(number);
      // The last one takes its place, so that taking costs the same however many sleep.
      const last = this.#numbers.pop();
      if (last !== undefined && last !== number) this.#numbers[this.#next] = last;
    }
    return awake;
  }
}
