import { Counter, type Registry } from 'prom-client';
import type { DatagramOutcome } from './datagram-dispatcher.ts';

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

  /** Shows them as a metric, copied when somebody asks. */
  registerIn(registry: Registry): void {
    const counts = this.#counts;
    new Counter({
      name: 'holdfast_heartbeat_datagrams_total',
      help: 'Heartbeats and probes by what became of them; over-budget ones were dropped unread, and so were unanswerable ones, which came from port 0',
      labelNames: ['outcome'],
      registers: [registry],
      collect() {
        this.reset();
        for (const [outcome, count] of counts) this.inc({ outcome }, count);
      },
    });
  }
}
