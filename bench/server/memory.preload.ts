import { setTimeout as delay } from 'node:timers/promises';

// Loaded before the server's own program: answers how much memory the process takes once garbage is collected.

process.on('message', (message: unknown) => {
  if (typeof message !== 'object' || message === null || !('bench' in message)) return;
  void tellMemory();
});

async function tellMemory(): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    globalThis.gc?.();
    await delay(250);
  }
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  process.send?.({ memory: { rss, heapUsed, arrayBuffers } });
}
