import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { open, statfs } from 'node:fs/promises';
import type { LinuxSource } from './linux-source.ts';

const MAX_TEXT_BYTES = 1_048_576;

/** Reads the running system. */
export function createLiveLinuxSource(): LinuxSource {
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
    readStart: async (path, length) => {
      try {
        await using handle = await open(path, 'r');
        const { buffer, bytesRead } = await handle.read(new Uint8Array(length), 0, length, 0);
        return buffer.subarray(0, bytesRead);
      } catch {
        // As above; reading a block device needs root.
        return undefined;
      }
    },
    readVolumeSpace: async (mountPoint) => {
      try {
        const { bsize, blocks, bavail } = await statfs(mountPoint);
        return { sizeBytes: bsize * blocks, freeBytes: bsize * bavail };
      } catch {
        // As above; a mount may also be hidden by a later one.
        return undefined;
      }
    },
  };
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
