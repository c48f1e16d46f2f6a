/**
 * Who waits for a turn, in the order of arrival; who is urgent goes before all who are not. A product that is about to
 * connect, or beats, so never queues behind a whole fleet that shakes hands.
 */
export class TurnQueue<Waiting> {
  readonly #urgent: Waiting[] = [];
  readonly #others: Waiting[] = [];
  #urgentHead = 0;
  #othersHead = 0;

  get length(): number {
    return this.#urgent.length - this.#urgentHead + this.#others.length - this.#othersHead;
  }

  add(waiting: Waiting, options: { readonly isUrgent: boolean }): void {
    (options.isUrgent ? this.#urgent : this.#others).push(waiting);
  }

  next(): Waiting | undefined {
    if (this.#urgentHead < this.#urgent.length) {
      const found = this.#urgent[this.#urgentHead++];
      this.#urgentHead = dropServed(this.#urgent, this.#urgentHead);
      return found;
    }
    if (this.#othersHead >= this.#others.length) return undefined;
    const found = this.#others[this.#othersHead++];
    this.#othersHead = dropServed(this.#others, this.#othersHead);
    return found;
  }
}

/** The served part is dropped now and then, and not for each one. */
function dropServed(queue: unknown[], head: number): number {
  if (head < 1_000) return head;
  queue.splice(0, head);
  return 0;
}
