import type { StatsFs } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { freemem, loadavg, totalmem, uptime } from 'node:os';
import type { Activity } from '@holdfast/protocol';
import { createBoundedRead } from '../../platform/bounded-read.ts';

/** A heartbeat does not wait longer for a fact about a disk. */
const MAX_DISK_WAIT_MS = 500;

/** Free share of the volume at this path in percent; `undefined` where there is none. */
export type ReadFreePercent = (path: string) => Promise<number | undefined>;

/** What the device does right now, as every heartbeat tells it. What the system does not tell, or not in time, is left out. */
export type ReadActivity = () => Promise<Activity>;

export function createReadActivity(
  platform: NodeJS.Platform,
  readFreePercent: ReadFreePercent = async (path) => calculateFreePercent(await statfs(path)),
): ReadActivity {
  const systemVolume = platform === 'win32' ? 'C:\\' : '/';
  const read = createBoundedRead(MAX_DISK_WAIT_MS);
  return async () => {
    const freePercent = await read(() => readFreePercent(systemVolume));
    const [load] = loadavg();
    return {
      uptimeS: uptime(),
      // Windows has no load average, and the runtime then answers zero.
      ...(platform === 'win32' || load === undefined ? {} : { loadAverageHundredths: load * 100 }),
      memoryInUsePercent: (1 - freemem() / totalmem()) * 100,
      agentMemoryKiB: process.memoryUsage.rss() / 1024,
      ...(freePercent === undefined ? {} : { systemVolumeFreePercent: freePercent }),
    };
  };
}

/** As df does: blocks that only root may use are neither used nor available. `undefined` where there are none. */
export function calculateFreePercent({
  blocks,
  bfree,
  bavail,
}: Pick<StatsFs, 'blocks' | 'bfree' | 'bavail'>): number | undefined {
  const countedBlocks = blocks - bfree + bavail;
  return countedBlocks > 0 ? (bavail / countedBlocks) * 100 : undefined;
}
