import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** The index of SQLite's log (32 KiB), a page for the process file, and a log of some fifty pages, which is used again and again. */
const RESERVE_BYTES = 262_144;
/** It is not taken from a volume that has not much more. */
const MIN_FREE_BYTES = 8 * RESERVE_BYTES;

/**
 * A file that only takes room, so that there is some when the disk is full: it is given up then, and what the agent has to write
 * goes into its place.
 */
export interface DiskReserve {
  readonly isThere: boolean;
  /** Gives it up. False when there is none. */
  release(): boolean;
  /** Makes it where it is missing and there is room. Answers whether it is there. */
  renew(): boolean;
}

export function createDiskReserve(path: string): DiskReserve {
  return {
    get isThere() {
      return existsSync(path);
    },
    release: () => {
      if (!existsSync(path)) return false;
      rmSync(path, { force: true });
      return true;
    },
    renew: () => {
      if (existsSync(path)) return true;
      try {
        const { bsize, bavail } = statfsSync(dirname(path));
        if (bsize * bavail < MIN_FREE_BYTES) return false;
        write(path);
        return true;
      } catch {
        // No room after all, or nobody tells: it is tried again later.
        rmSync(path, { force: true });
        return false;
      }
    },
  };
}

/** Random bytes: a file system that compresses would keep no room for others. */
function write(path: string): void {
  const descriptor = openSync(path, 'wx', 0o600);
  try {
    writeFileSync(descriptor, randomBytes(RESERVE_BYTES));
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
