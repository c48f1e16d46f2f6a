import { Gauge, type Registry } from 'prom-client';
import type { PresenceEngine } from './presence-engine.ts';

export function registerPresenceMetrics(registry: Registry, engine: PresenceEngine): void {
  new Gauge({
    name: 'holdfast_products',
    help: 'Managed products by presence status',
    labelNames: ['status'],
    registers: [registry],
    collect() {
      for (const [status, count] of Object.entries(engine.table.statusCounts())) this.set({ status }, count);
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
