import { statfs } from 'node:fs/promises';
import { freemem, loadavg, totalmem, uptime } from 'node:os';
import type { Activity } from '@holdfast/protocol';

/** What the device does right now, as every heartbeat tells it. What the system does not tell is left out. */
export async function readActivity(platform: NodeJS.Platform): Promise<Activity> {
  const systemVolume = platform === 'win32' ? 'C:\\' : '/';
  const freePercent = await readFreePercent(systemVolume);
  const [load] = loadavg();
  return {
    uptimeS: uptime(),
    // Windows has no load average, and the runtime then answers zero.
    ...(platform === 'win32' || load === undefined ? {} : { loadAverageHundredths: load * 100 }),
    memoryInUsePercent: (1 - freemem() / totalmem()) * 100,
    agentMemoryKiB: process.memoryUsage.rss() / 1024,
    ...(freePercent === undefined ? {} : { systemVolumeFreePercent: freePercent }),
  };
}

async function readFreePercent(path: string): Promise<number | undefined> {
  try {
    const { blocks, bavail } = await statfs(path);
    return blocks === 0 ? undefined : (bavail / blocks) * 100;
  } catch {
    // A system without such a volume sends no such item.
    return undefined;
  }
}
