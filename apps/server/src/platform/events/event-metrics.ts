import { Counter, Gauge, type Registry } from 'prom-client';
import type { EventDispatcher } from './event-dispatcher.service.ts';

export interface SubscriberFigures {
  readonly name: string;
  /** 0 while it does not fail. */
  readonly failingMs: number;
  readonly waiting: { readonly value: number; readonly isExact: boolean };
}

/** @param listSubscribers asked when somebody reads the metrics; its failure leaves the figures out */
export function registerEventMetrics(
  registry: Registry,
  dispatcher: EventDispatcher,
  listSubscribers: () => Promise<readonly SubscriberFigures[]>,
): void {
  new Counter({
    name: 'holdfast_domain_events_total',
    help: 'Domain events that this process has put in order',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(dispatcher.numbered);
    },
  });
  let asked: Promise<readonly SubscriberFigures[]> | undefined;
  // Both figures of one reading come from one look. While the database is away they are missing, as they are unknown.
  const look = (): Promise<readonly SubscriberFigures[]> => {
    asked ??= listSubscribers()
      .catch(() => [])
      .finally(() => {
        asked = undefined;
      });
    return asked;
  };
  new Gauge({
    name: 'holdfast_event_subscriber_failing',
    help: 'Seconds since the subscriber of domain events began to fail; 0 while it does not',
    labelNames: ['subscriber'],
    registers: [registry],
    async collect() {
      const states = await look();
      this.reset();
      for (const { name, failingMs } of states) this.set({ subscriber: name }, failingMs / 1_000);
    },
  });
  new Gauge({
    name: 'holdfast_event_subscriber_waiting',
    help: 'Domain events that wait for the subscriber, counted no further than to 100,000',
    labelNames: ['subscriber'],
    registers: [registry],
    async collect() {
      const states = await look();
      this.reset();
      for (const { name, waiting } of states) this.set({ subscriber: name }, waiting.value);
    },
  });
}
