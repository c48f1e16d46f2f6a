/** Things under way: each comes out once, at the first `release` at or after its time, in the order of the times. */
export class DelayLine<Thing> {
  readonly #tickMs: number;
  readonly #buckets = new Map<number, Thing[]>();
  #tick = 0;

  constructor(tickMs: number) {
    this.#tickMs = tickMs;
  }

  /** How many are under way. */
  get count(): number {
    let count = 0;
    for (const bucket of this.#buckets.values()) count += bucket.length;
    return count;
  }

  add(thing: Thing, atMs: number): void {
    const tick = Math.max(this.#tick + 1, Math.ceil(atMs / this.#tickMs));
    const bucket = this.#buckets.get(tick);
    if (bucket === undefined) this.#buckets.set(tick, [thing]);
    else bucket.push(thing);
  }

  release(nowMs: number, onArrival: (thing: Thing) => void): void {
    const now = Math.floor(nowMs / this.#tickMs);
    if (now <= this.#tick) return;
    const due = [...this.#buckets.keys()].filter((tick) => tick <= now).sort((left, right) => left - right);
    this.#tick = now;
    for (const tick of due) {
      const bucket = this.#buckets.get(tick) ?? [];
      this.#buckets.delete(tick);
      for (const thing of bucket) onArrival(thing);
    }
  }
}
