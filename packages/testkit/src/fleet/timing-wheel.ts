const NONE = -1;

/**
 * One timer for each of a fixed number of items, in a fixed amount of memory: what `setTimeout` would need a million
 * objects for. An item hangs in the list of the slot that its tick belongs to; the lists are links in arrays.
 *
 * Invariant: an item is never given out before its time, and is given out by the first `advance` at or after it.
 */
export class TimingWheel {
  readonly #tickMs: number;
  readonly #slots: number;
  readonly #first: Int32Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** Tick at which the item is due; -1 when it has no timer. */
  readonly #dueTick: Float64Array;
  #tick = 0;
  #count = 0;

  /** @param slots a power of two; times beyond one turn of the wheel are passed over until their turn comes */
  constructor(options: { readonly items: number; readonly tickMs: number; readonly slots?: number }) {
    this.#tickMs = options.tickMs;
    this.#slots = options.slots ?? 8_192;
    this.#first = new Int32Array(this.#slots).fill(NONE);
    this.#next = new Int32Array(options.items).fill(NONE);
    this.#previous = new Int32Array(options.items).fill(NONE);
    this.#dueTick = new Float64Array(options.items).fill(NONE);
  }

  /** Items that have a timer. */
  get count(): number {
    return this.#count;
  }

  /** Sets the timer of an item, in the place of the one it had. A time that is over is due at the next tick. */
  schedule(item: number, atMs: number): void {
    this.cancel(item);
    const tick = Math.max(this.#tick + 1, Math.ceil(atMs / this.#tickMs));
    const slot = tick % this.#slots;
    const head = this.#first[slot] ?? NONE;
    this.#dueTick[item] = tick;
    this.#next[item] = head;
    this.#previous[item] = NONE;
    if (head !== NONE) this.#previous[head] = item;
    this.#first[slot] = item;
    this.#count++;
  }

  cancel(item: number): void {
    const tick = this.#dueTick[item] ?? NONE;
    if (tick === NONE) return;
    const next = this.#next[item] ?? NONE;
    const previous = this.#previous[item] ?? NONE;
    if (previous === NONE) this.#first[tick % this.#slots] = next;
    else this.#next[previous] = next;
    if (next !== NONE) this.#previous[next] = previous;
    this.#dueTick[item] = NONE;
    this.#count--;
  }

  /** Gives out every item that is due, once each. `onDue` may set and cancel timers, also of items that are due now. */
  advance(nowMs: number, onDue: (item: number) => void): void {
    const now = Math.floor(nowMs / this.#tickMs);
    // After a long pause every slot is looked through once, and not once for each missed turn.
    const steps = Math.min(now - this.#tick, this.#slots);
    const from = this.#tick + 1;
    const due: number[] = [];
    for (let step = 0; step < steps; step++) {
      let item = this.#first[(from + step) % this.#slots] ?? NONE;
      while (item !== NONE) {
        if ((this.#dueTick[item] ?? NONE) <= now) due.push(item);
        item = this.#next[item] ?? NONE;
      }
    }
    this.#tick = Math.max(this.#tick, now);
    for (const item of due) {
      const tick = this.#dueTick[item] ?? NONE;
      // An earlier item may have cancelled this one, or set it anew.
      if (tick === NONE || tick > now) continue;
      this.cancel(item);
      onDue(item);
    }
  }
}
