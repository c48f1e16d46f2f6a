import { writeFile } from 'node:fs/promises';
import { type Disk, systemDisk } from '../disk.ts';

/** What a test throws where the process would have ended. */
export class Killed extends Error {}

export interface MortalDisk extends Disk {
  /** Steps that were taken, the fatal one included. */
  readonly steps: () => number;
}

/**
 * A disk under a process that is killed at step `fatal`: before it, or in its middle, where a write has left half a file. Nothing
 * happens after that.
 */
export function createMortalDisk(fatal: number, moment: 'before' | 'within'): MortalDisk {
  let steps = 0;
  const step = async (happen: () => Promise<void>, half: () => Promise<void> = happen): Promise<void> => {
    steps += 1;
    if (steps > fatal) throw new Killed();
    if (steps < fatal) return await happen();
    if (moment === 'within') await half();
    throw new Killed();
  };
  return {
    steps: () => steps,
    makeFolder: async (folder) => await step(async () => await systemDisk.makeFolder(folder)),
    writeFile: async (file, bytes) =>
      await step(
        async () => await systemDisk.writeFile(file, bytes),
        async () => await writeFile(file, bytes.subarray(0, bytes.length / 2)),
      ),
    copyFile: async (from, to) =>
      await step(
        async () => await systemDisk.copyFile(from, to),
        async () => await writeFile(to, 'half'),
      ),
    rename: async (from, to) => await step(async () => await systemDisk.rename(from, to)),
    remove: async (file) => await step(async () => await systemDisk.remove(file)),
  };
}
