import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

import { SetupFault } from './fault.mjs';

const REFRESH_MS = 5_000;
/** A holder on another computer (shared folder, container) is judged by how long it was silent. */
const FOREIGN_SILENCE_MS = 60_000;
const UNREADABLE_MS = 10_000;

/** When the process started, in clock ticks: tells a process from a later one with the same number. */
function startOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    // Not Linux, or gone: the process number alone has to do.
    return undefined;
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function readHolder(path) {
  try {
    const silentMs = Date.now() - statSync(path).mtimeMs;
    let holder;
    try {
      holder = JSON.parse(readFileSync(path, 'utf8'));
    } catch {
      // Half-written: its writer is at work right now, or was killed at that very moment.
    }
    return { holder, silentMs };
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function isStale({ holder, silentMs }) {
  if (!Number.isInteger(holder?.pid)) return silentMs > UNREADABLE_MS;
  if (holder.host !== hostname()) return silentMs > FOREIGN_SILENCE_MS;
  if (!isRunning(holder.pid)) return true;
  return (
    holder.start !== undefined && startOf(holder.pid) !== undefined && startOf(holder.pid) !== holder.start
  );
}

function tryCreate(path, content) {
  try {
    writeFileSync(path, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Removes a stale lock. Two that see the same stale lock must not both remove it, for the second would remove
 * the fresh lock of the first: so the removal itself is guarded, and looks again.
 */
function removeStale(path) {
  const guard = `${path}.takeover`;
  if (!tryCreate(guard, String(process.pid))) {
    const seen = readHolder(guard);
    if (seen !== undefined && seen.silentMs > UNREADABLE_MS) rmSync(guard, { force: true });
    return;
  }
  try {
    const seen = readHolder(path);
    if (seen !== undefined && isStale(seen)) rmSync(path, { force: true });
  } finally {
    rmSync(guard, { force: true });
  }
}

/**
 * Runs `work` while no other process of this clone does. A lock whose holder is gone is taken over; a holder
 * that lives is waited for.
 */
export async function withLock(path, work, { onWait = () => {}, waitMs = 20 * 60_000, pollMs = 200 } = {}) {
  const content = JSON.stringify({ pid: process.pid, start: startOf(process.pid), host: hostname() });
  const deadline = performance.now() + waitMs;
  let hasTold = false;
  while (!tryCreate(path, content)) {
    const seen = readHolder(path);
    if (seen === undefined) continue;
    if (isStale(seen)) {
      removeStale(path);
      continue;
    }
    if (!hasTold) onWait(seen.holder?.pid);
    hasTold = true;
    if (performance.now() > deadline) {
      throw new SetupFault(
        `Another set-up (process ${seen.holder?.pid}) holds ${path} and does not finish.`,
        {
          remedy: 'Look at that process; if it hangs, end it and run the command again.',
        },
      );
    }
    await delay(pollMs);
  }
  const refresh = setInterval(() => {
    try {
      utimesSync(path, new Date(), new Date());
    } catch {
      // The lock was removed under us; the work goes on, and the next set-up repeats what is missing.
    }
  }, REFRESH_MS);
  refresh.unref();
  try {
    return await work();
  } finally {
    clearInterval(refresh);
    rmSync(path, { force: true });
  }
}
