import type { MemoryFacts } from '../inventory-facts.ts';

/** Reads /proc/meminfo, whose unit "kB" means KiB. `undefined` when the total is missing. */
export function parseMemoryInfo(text: string): MemoryFacts | undefined {
  const totalBytes = findBytes(text, 'MemTotal');
  if (totalBytes === undefined) return undefined;
  const availableBytes = findBytes(text, 'MemAvailable');
  return availableBytes === undefined ? { totalBytes } : { totalBytes, availableBytes };
}

function findBytes(text: string, name: string): number | undefined {
  const match = new RegExp(`^${name}:\\s+(\\d{1,15}) kB$`, 'mu').exec(text);
  return match === null ? undefined : Number(match[1]) * 1024;
}
