import type { NotificationOutcome, NotificationWay } from '@holdfast/api';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { HeldStreams } from './held-streams.ts';

/** @returns counts one notification that came to an end */
export function registerNotificationMetrics(
  registry: Registry,
  parts: {
    readonly streams: HeldStreams;
    readonly countWaiting: () => number;
    readonly countGivenUp: () => number;
  },
): (way: NotificationWay, outcome: NotificationOutcome) => void {
  const total = new Counter({
    name: 'holdfast_notifications_total',
    help: 'Calls of products by way and outcome',
    labelNames: ['way', 'outcome'],
    registers: [registry],
  });
  new Gauge({
    name: 'holdfast_notifications_waiting',
    help: 'Products that wait for their turn to be called',
    registers: [registry],
    collect() {
      this.set(parts.countWaiting());
    },
  });
  new Gauge({
    name: 'holdfast_notifications_given_up',
    help: 'Products that are not called until their next handshake, because calls failed',
    registers: [registry],
    collect() {
      this.set(parts.countGivenUp());
    },
  });
  new Gauge({
    name: 'holdfast_held_streams',
    help: 'Streams of notifications that products keep open',
    registers: [registry],
    collect() {
      this.set(parts.streams.count);
    },
  });
  return (way, outcome) => total.inc({ way, outcome });
}
