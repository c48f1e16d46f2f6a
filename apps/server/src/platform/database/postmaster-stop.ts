import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '@holdfast/kernel';
import { isProcessAlive, listProcessesIn, type ProcessIdentity } from './process-identity.ts';

/** How long each step of stopping may take before the next, harsher one. */
export interface StopLimits {
  /** Fast shutdown: open transactions are rolled back, everything is written. */
  readonly fastMs: number;
  /** Immediate shutdown: nothing is written; the next start recovers from the log. */
  readonly immediateMs: number;
}

export const defaultStopLimits: StopLimits = { fastMs: 30_000, immediateMs: 10_000 };

const POLL_MS = 20;

/** Ends a postmaster, in the cleanest way that works. Nothing that was committed is lost in any of them. */
export async function stopPostmaster(
  postmaster: ProcessIdentity,
  clock: Clock,
  limits: StopLimits = defaultStopLimits,
): Promise<'clean' | 'immediate' | 'killed'> {
  signal(postmaster.pid, 'SIGINT');
  // A process that somebody froze hears nothing until it goes on.
  signal(postmaster.pid, 'SIGCONT');
  if (await waitForEnd(postmaster, clock, limits.fastMs)) return 'clean';
  signal(postmaster.pid, 'SIGQUIT');
  if (await waitForEnd(postmaster, clock, limits.immediateMs)) return 'immediate';
  signal(postmaster.pid, 'SIGKILL');
  await waitForEnd(postmaster, clock, limits.immediateMs);
  return 'killed';
}

/**
 * Waits until no process of a killed postmaster is left, and ends those that stay: they hold the shared
 * memory, and PostgreSQL rightly refuses to start beside them.
 */
export async function clearOrphanedBackends(
  dataFolder: string,
  clock: Clock,
  limits: StopLimits = defaultStopLimits,
): Promise<void> {
  for (const step of [undefined, 'SIGQUIT', 'SIGKILL'] as const) {
    const pids = await listProcessesIn(dataFolder);
    if (step !== undefined) for (const pid of pids) signal(pid, step);
    const deadline = clock.monotonic() + limits.immediateMs / 2;
    while (clock.monotonic() < deadline) {
      if ((await listProcessesIn(dataFolder)).length === 0) return;
      await delay(POLL_MS);
    }
  }
}

/** Resolves when the process is gone. */
export async function waitForEnd(
  postmaster: ProcessIdentity,
  clock: Clock,
  limitMs: number,
): Promise<boolean> {
  const deadline = clock.monotonic() + limitMs;
  while (await isProcessAlive(postmaster)) {
    if (!(clock.monotonic() < deadline)) return false;
    await delay(POLL_MS);
  }
  return true;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself in the meantime.
  }
}
