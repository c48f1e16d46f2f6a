/** A first-in-first-out queue of numbers; taking costs the same however many wait. */
class NumberQueue {
  #numbers: number[] = [];
  #head = 0;

  get length(): number {
    return this.#numbers.length - this.#head;
  }

  add(value: number): void {
    this.#numbers.push(value);
  }

  take(): number | undefined {
    const value = this.#numbers[this.#head];
    if (value === undefined) return undefined;
    this.#head += 1;
    // Compacted now and then, so that taken entries do not stay in memory.
    if (this.#head > 1_024 && this.#head * 2 > this.#numbers.length) {
      this.#numbers = this.#numbers.slice(this.#head);
      this.#head = 0;
    }
    return value;
  }
}

/** Products that wait to be called by one way. Those of small orders and those of large ones take turns. */
export class WayQueue {
  readonly #quick = new NumberQueue();
  readonly #bulk = new NumberQueue();
  #isQuickNext = true;

  get length(): number {
    return this.#quick.length + this.#bulk.length;
  }

  add(productNumber: number, size: 'quick' | 'bulk'): void {
    (size === 'quick' ? this.#quick : this.#bulk).add(productNumber);
  }

  take(): number | undefined {
    const isQuick = this.#bulk.length === 0 || (this.#isQuickNext && this.#quick.length > 0);
    this.#isQuickNext = !isQuick;
    return isQuick ? this.#quick.take() : this.#bulk.take();
  }
}
