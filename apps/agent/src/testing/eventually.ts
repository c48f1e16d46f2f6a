import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 15;

/** Waits until a condition holds; fails with its name when that takes too long. */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limitMs = 30_000,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${limitMs} ms: ${what}`);
    await pause(POLL_MS);
  }
}
