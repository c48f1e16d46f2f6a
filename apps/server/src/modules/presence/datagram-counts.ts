import type { DatagramOutcome } from './heartbeat-door.ts';

/** Ends that no datagram has earned: dropped for lack of time, or sent from where no answer can go. */
type Unread = 'over-budget' | 'unanswerable';

/** How many datagrams met which end, counted without allocating. */
export class DatagramCounts {
  readonly #counts = new Map<DatagramOutcome | Unread, number>();

  add(outcome: DatagramOutcome | Unread, count = 1): void {
    this.#counts.set(outcome, (this.#counts.get(outcome) ?? 0) + count);
  }

  get(outcome: DatagramOutcome | Unread): number {
    return this.#counts.get(outcome) ?? 0;
  }

  entries(): IterableIterator<[string, number]> {
    return this.#counts.entries();
  }
}
