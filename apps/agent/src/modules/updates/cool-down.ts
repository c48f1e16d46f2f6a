import type { CoolDown } from './component-record.store.ts';

const FIRST_MS = 15 * 60_000;
const LONGEST_MS = 24 * 3_600_000;

/**
 * How long something is left alone that has failed once more: from a quarter of an hour to a day, and a random part less, so that a
 * fleet that failed together does not come back together. A newer release begins anew.
 */
export function planCoolDown(
  before: CoolDown | undefined,
  { release, nowMs, random }: { readonly release: number; readonly nowMs: number; readonly random: number },
): CoolDown {
  const failures = before?.release === release ? before.failures + 1 : 1;
  const wholeMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 16));
  return { release, failures, notBefore: Math.floor(nowMs + wholeMs * (1 - random / 4)) };
}

/** True while it is to be left alone. A clock that was set back makes that no longer than a day. */
export function isCoolingDown(coolDown: CoolDown | undefined, release: number, nowMs: number): boolean {
  if (coolDown === undefined || coolDown.release !== release) return false;
  const leftMs = coolDown.notBefore - nowMs;
  return leftMs > 0 && leftMs <= LONGEST_MS;
}
