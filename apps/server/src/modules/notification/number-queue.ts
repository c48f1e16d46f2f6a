/** First in, first out, for numbers; taking costs the same however many wait. */
export class NumberQueue {
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
    // Moved together now and then, so that what was taken does not stay in memory.
    if (this.#head > 1_024 && this.#head * 2 > this.#numbers.length) {
      this.#numbers = this.#numbers.slice(this.#head);
      this.#head = 0;
    }
    return value;
  }
}
