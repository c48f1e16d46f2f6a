const SLOT_COUNT = 65_536;
const SLOT_MASK = SLOT_COUNT - 1;

/**
 * A hashed timing wheel over small integers (product numbers): scheduling, rescheduling and cancelling cost the same
 * whatever the number of entries, and a turn costs as much as it has entries to fire. Lists are doubly linked through
 * typed arrays: 12 bytes an entry, no object.
 *
 * Deadlines are ticks. An entry whose deadline lies further ahead than one round of the wheel stays in its slot and is
 * looked at once a round.
 *
 * Invariant: an entry is in at most one slot, and fires exactly once, in the first turn that reaches its tick.
 */
export class TimingWheel {
  /** First entry of each slot; 0 is none, which is why entry 0 does not exist. */
  readonly #heads = new Int32Array(SLOT_COUNT);
  #next: Int32Array;
  /** The entry before, or for the first of a slot −1 − slot; 0 is "not scheduled". */
  #previous: Int32Array;
  #deadlines: Uint32Array;
  #tick = 0;

  /** @param capacity entries are 1 to `capacity` − 1 */
  constructor(capacity: number) {
    this.#next = new Int32Array(capacity);
    this.#previous = new Int32Array(capacity);
    this.#deadlines = new Uint32Array(capacity);
  }

  /** The last tick that has been reached. */
  get tick(): number {
    return this.#tick;
  }

  get capacity(): number {
    return this.#next.length;
  }

  /** Bytes of all arrays. */
  get byteLength(): number {
    return (
      this.#heads.byteLength + this.#next.byteLength + this.#previous.byteLength + this.#deadlines.byteLength
    );
  }

  grow(capacity: number): void {
    if (capacity <= this.capacity) return;
    this.#next = copyInto(new Int32Array(capacity), this.#next);
    this.#previous = copyInto(new Int32Array(capacity), this.#previous);
    this.#deadlines = copyInto(new Uint32Array(capacity), this.#deadlines);
  }

  isScheduled(entry: number): boolean {
    return this.#previous[entry] !== 0;
  }

  /** Sets or replaces the deadline of an entry. What lies in the past fires with the next turn. */
  schedule(entry: number, tick: number): void {
    const deadline = Math.max(tick, this.#tick + 1);
    if (this.isScheduled(entry)) {
      if (this.#deadlines[entry] === deadline) return;
      this.#unlink(entry);
    }
    this.#deadlines[entry] = deadline;
    this.#link(entry, deadline & SLOT_MASK);
  }

  cancel(entry: number): void {
    if (this.isScheduled(entry)) this.#unlink(entry);
  }

  /**
   * Turns to `tick` and fires every entry whose deadline is reached. `onDue` may schedule the entry that it is given,
   * and no other. A leap of more than one round costs one round.
   */
  turnTo(tick: number, onDue: (entry: number) => void): void {
    const isLeap = tick - this.#tick > SLOT_COUNT;
    for (let turn = isLeap ? tick - SLOT_COUNT + 1 : this.#tick + 1; turn <= tick; turn += 1) {
      this.#tick = isLeap ? tick : turn;
      this.#fireSlot(turn & SLOT_MASK, onDue);
    }
  }

  #fireSlot(slot: number, onDue: (entry: number) => void): void {
    const due: number[] = [];
    // Collected first: `onDue` may change the very list that is walked here.
    for (let entry = at(this.#heads, slot); entry !== 0; entry = at(this.#next, entry)) {
      if ((this.#deadlines[entry] as number) <= this.#tick) due.push(entry);
    }
    for (const entry of due) this.#unlink(entry);
    for (const entry of due) onDue(entry);
  }

  #link(entry: number, slot: number): void {
    const first = at(this.#heads, slot);
    this.#next[entry] = first;
    this.#previous[entry] = -1 - slot;
    if (first !== 0) this.#previous[first] = entry;
    this.#heads[slot] = entry;
  }

  #unlink(entry: number): void {
    const next = at(this.#next, entry);
    const previous = at(this.#previous, entry);
    if (previous < 0) this.#heads[-1 - previous] = next;
    else this.#next[previous] = next;
    if (next !== 0) this.#previous[next] = previous;
    this.#next[entry] = 0;
    this.#previous[entry] = 0;
  }
}

// Every index comes from the lists themselves or was checked by the caller, so the value is there.
function at(array: Int32Array, index: number): number {
  return array[index] as number;
}

function copyInto<A extends Int32Array | Uint32Array>(target: A, source: A): A {
  target.set(source);
  return target;
}
