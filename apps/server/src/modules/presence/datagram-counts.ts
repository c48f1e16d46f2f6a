import type { DatagramOutcome } from './heartbeat-door.ts';

/** How many datagrams met which end, counted without allocating. */
export class DatagramCounts {
  readonly #counts = new Map<DatagramOutcome | 'over-budget', number>();

  add(outcome: DatagramOutcome | 'over-budget', count = 1): void {
    this.#counts.set(outcome, (this.#counts.get(outcome) ?? 0) + count);
  }

  get(outcome: DatagramOutcome | 'over-budget'): number {
    return this.#counts.get(outcome) ?? 0;
  }

  entries(): IterableIterator<[string, number]> {
    return this.#counts.entries();
  }
}
