import {
  closeSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
  type StatsFs,
} from 'node:fs';
import { open, statfs } from 'node:fs/promises';
import { createBoundedRead } from '../../../platform/bounded-read.ts';
import type { LinuxSource, VolumeSpace } from './linux-source.ts';

const MAX_TEXT_BYTES = 1_048_576;
/** For the first bytes of a device, or the size of a mounted volume. */
const MAX_DISK_WAIT_MS = 5_000;

/** Reads the running system. */
export function createLiveLinuxSource(): LinuxSource {
  const read = createBoundedRead(MAX_DISK_WAIT_MS);
  return {
    readText: (path) => {
      try {
        return readBounded(path);
      } catch {
        // Missing or not permitted: the fact is not there for us. See LinuxSource.
        return undefined;
      }
    },
    listNames: (path) => {
      try {
        return readdirSync(path).sort();
      } catch {
        // As above.
        return [];
      }
    },
    resolve: (path) => {
      try {
        return realpathSync(path);
      } catch {
        // As above.
        return undefined;
      }
    },
    readLink: (path) => {
      try {
        return readlinkSync(path);
      } catch {
        // As above.
        return undefined;
      }
    },
    // A failure is no answer here too: reading a block device needs root, and a mount may be hidden by a later one.
    readStart: (path, length) =>
      read(async () => {
        await using handle = await open(path, 'r');
        const { buffer, bytesRead } = await handle.read(new Uint8Array(length), 0, length, 0);
        return buffer.subarray(0, bytesRead);
      }),
    readVolumeSpace: (mountPoint) => read(async () => describeSpace(await statfs(mountPoint))),
  };
}

/** As df does: blocks that only root may use are neither used nor available. */
export function describeSpace({
  bsize,
  blocks,
  bfree,
  bavail,
}: Pick<StatsFs, 'bsize' | 'blocks' | 'bfree' | 'bavail'>): VolumeSpace {
  return { sizeBytes: bsize * blocks, freeBytes: bsize * bavail, usedBytes: bsize * (blocks - bfree) };
}

/** Files of /proc and /sys say that they are empty, so their size is no guide. */
function readBounded(path: string): string {
  const descriptor = openSync(path, 'r');
  try {
    const chunks: Buffer[] = [];
    let total = 0;
    while (total < MAX_TEXT_BYTES) {
      const chunk = Buffer.alloc(16_384);
      const length = readSync(descriptor, chunk);
      if (length === 0) break;
      chunks.push(chunk.subarray(0, length));
      total += length;
    }
    return Buffer.concat(chunks).toString('utf8');
  } finally {
    closeSync(descriptor);
  }
}
