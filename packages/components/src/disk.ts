import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/**
 * What is done to a disk, in steps of which each happened or did not happen after a power cut. Everything that a repository
 * or a metadata store changes goes through it, so that a test can end the process at each step.
 */
export interface Disk {
  /** With all its parents; nothing when it is there. */
  makeFolder(folder: string): Promise<void>;
  /** Creates or replaces a file that nobody reads yet; on the disk when it returns. */
  writeFile(file: string, bytes: Uint8Array): Promise<void>;
  /** Copies a file; on the disk when it returns. */
  copyFile(from: string, to: string): Promise<void>;
  /** Takes the place of what was there, at once; on the disk when it returns. */
  rename(from: string, to: string): Promise<void>;
  /** Nothing when it is not there. */
  remove(file: string): Promise<void>;
}

const COPY_BYTES = 256 * 1024;

export const systemDisk: Disk = {
  async makeFolder(folder) {
    const first = await mkdir(folder, { recursive: true });
    if (first !== undefined) await syncFolder(path.dirname(first));
  },
  async writeFile(file, bytes) {
    await writeSynced(file, async (handle) => await handle.writeFile(bytes));
  },
  async copyFile(from, to) {
    const source = await open(from, 'r');
    try {
      await writeSynced(to, async (handle) => {
        for await (const piece of source.createReadStream({ highWaterMark: COPY_BYTES, autoClose: false }))
          await handle.writeFile(piece as Buffer);
      });
    } finally {
      await source.close();
    }
  },
  async rename(from, to) {
    await rename(from, to);
    await syncFolder(path.dirname(to));
  },
  async remove(file) {
    await rm(file, { force: true });
  },
};

/** Invariant: at every instant the file is whole, old or new: written beside, on the disk, renamed. */
export async function replaceFile(disk: Disk, file: string, bytes: Uint8Array): Promise<void> {
  const beside = `${file}.new`;
  await disk.writeFile(beside, bytes);
  await disk.rename(beside, file);
}

/** `undefined` when there is no such file. */
export async function readFileIfThere(file: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

export function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

async function writeSynced(file: string, write: (handle: FileHandle) => Promise<void>): Promise<void> {
  const handle = await open(file, 'w', 0o644);
  try {
    await write(handle);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder; its rename is durable by journal.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
