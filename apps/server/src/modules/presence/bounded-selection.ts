/**
 * Keeps the first `limit` of any number of items, in the given order: a heap whose top is the last of those kept, so
 * that most items cost one comparison and the worst cost the logarithm of the limit.
 */
export class BoundedSelection<Item> {
  readonly #limit: number;
  readonly #compare: (left: Item, right: Item) => number;
  readonly #heap: Item[] = [];

  constructor(limit: number, compare: (left: Item, right: Item) => number) {
    this.#limit = limit;
    this.#compare = compare;
  }

  /** The item that the next better one would drive out; `undefined` while there is room. */
  get last(): Item | undefined {
    return this.#heap.length < this.#limit ? undefined : this.#heap[0];
  }

  add(item: Item): void {
    const { last } = this;
    if (last === undefined) {
      if (this.#limit > 0) this.#siftUp(item);
    } else if (this.#compare(item, last) < 0) {
      this.#siftDown(item);
    }
  }

  /** What was kept, in order. */
  sorted(): Item[] {
    return this.#heap.toSorted(this.#compare);
  }

  #siftUp(item: Item): void {
    let place = this.#heap.push(item) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = this.#heap[parent] as Item; // A parent's place is always filled.
      if (this.#compare(above, item) >= 0) break;
      this.#heap[place] = above;
      place = parent;
    }
    this.#heap[place] = item;
  }

  #siftDown(item: Item): void {
    const heap = this.#heap;
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      if (left >= heap.length) break;
      const right = left + 1;
      const isRightLarger = right < heap.length && this.#compare(heap[right] as Item, heap[left] as Item) > 0; // Both places are filled.
      const child = isRightLarger ? right : left;
      const below = heap[child] as Item; // As above.
      if (this.#compare(below, item) <= 0) break;
      heap[place] = below;
      place = child;
    }
    heap[place] = item;
  }
}
