import { setTimeout as delay } from 'node:timers/promises';
import { serveSubject } from '../subject.ts';

/** The reference: the same facts of so many products as plain objects in a map, in a runtime that does nothing else. */

const count = Number(process.argv[2]);
const before = await settledRss();
const products = new Map<number, object>();
for (let number = 1; number <= count; number += 1) {
  products.set(number, {
    status: 'online',
    reason: 'heartbeat-udp',
    serviceState: 'running',
    epoch: 1,
    lastSequence: number,
    lastSeenAt: Date.now() + number / 1_024,
    changedAt: Date.now() + number / 1_024,
    deadline: number,
    intervalMs: 60_000,
    profile: 0,
    activity: { uptimeS: number, memoryInUsePercent: number % 100, agentMemoryKiB: 64_000 },
  });
}
serveSubject({ port: 0, bytes: (await settledRss()) - before }, () => ({ products: products.size }));

async function settledRss(): Promise<number> {
  for (let round = 0; round < 4; round += 1) {
    globalThis.gc?.();
    await delay(100);
  }
  return process.memoryUsage().rss;
}
