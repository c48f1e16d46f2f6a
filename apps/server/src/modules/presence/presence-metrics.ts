import { Counter, Gauge, type Registry } from 'prom-client';
import type { DatagramCounts } from './datagram-counts.ts';
import type { PresenceEngine } from './presence-engine.ts';

/** Counters are kept elsewhere, on the hot path without a library, and copied when somebody asks. */
export function registerPresenceMetrics(
  registry: Registry,
  engine: PresenceEngine,
  counts: DatagramCounts,
): void {
  new Counter({
    name: 'holdfast_heartbeat_datagrams_total',
    help: 'Heartbeats and probes by what became of them; over-budget ones were dropped unread, and so were unanswerable ones, which came from port 0',
    labelNames: ['outcome'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [outcome, count] of counts.entries()) this.inc({ outcome }, count);
    },
  });
  new Gauge({
    name: 'holdfast_products',
    help: 'Managed products by presence status',
    labelNames: ['status'],
    registers: [registry],
    collect() {
      for (const [status, count] of Object.entries(engine.statusCounts())) this.set({ status }, count);
    },
  });
  new Gauge({
    name: 'holdfast_heartbeat_interval_stretch',
    help: 'How much longer than their groups say products wait between heartbeats, because the server has enough to do',
    registers: [registry],
    collect() {
      this.set(engine.profiles.stretch);
    },
  });
  new Gauge({
    name: 'holdfast_presence_unsaved',
    help: 'Products whose presence in memory is newer than in the database',
    registers: [registry],
    collect() {
      this.set(engine.unsaved.length);
    },
  });
  new Gauge({
    name: 'holdfast_presence_memory_bytes',
    help: 'Bytes of the presence table',
    registers: [registry],
    collect() {
      this.set(engine.byteLength);
    },
  });
}
