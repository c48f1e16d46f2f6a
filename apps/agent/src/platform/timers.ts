import { setTimeout as sleep } from 'node:timers/promises';

/** One timer at a time, set anew or cleared. Injected, so that tests live through a day in a second. */
export interface LoopTimer {
  set(delayMs: number, callback: () => void): void;
  clear(): void;
}

export function createLoopTimer(): LoopTimer {
  let handle: NodeJS.Timeout | undefined;
  return {
    set: (delayMs, callback) => {
      clearTimeout(handle);
      handle = setTimeout(callback, delayMs);
    },
    clear: () => {
      clearTimeout(handle);
      handle = undefined;
    },
  };
}

/** Waits, or rejects with an `AbortError` when the signal aborts. */
export async function wait(delayMs: number, signal: AbortSignal): Promise<void> {
  await sleep(delayMs, undefined, { signal });
}

/** Waits, or rejects with an `AbortError` when its owner is stopped. */
export type Wait = (delayMs: number) => Promise<void>;

export function createWait(signal: AbortSignal): Wait {
  return async (delayMs) => await wait(delayMs, signal);
}

/** True when the promise settled within the time. What it does afterwards is nobody's business any more. */
export async function settlesWithin(promise: Promise<unknown>, limitMs: number): Promise<boolean> {
  const abort = new AbortController();
  const settled = promise.then(
    () => true,
    () => true,
  );
  const limit = sleep(limitMs, false, { signal: abort.signal }).catch(() => false);
  try {
    return await Promise.race([settled, limit]);
  } finally {
    abort.abort();
  }
}
