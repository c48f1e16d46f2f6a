import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { ComponentError } from './component.errors.ts';

/**
 * What is done to a disk, in steps of which each happened or did not happen after a power cut. Everything that a repository
 * or a metadata store changes goes through it, so that a test can end the process at each step.
 */
export interface Disk {
  /** With all its parents; nothing when it is there. */
  makeFolder(folder: string): Promise<void>;
  /** Creates or replaces a file that nobody reads yet; on the disk when it returns. A link in its place is not followed. */
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

/**
 * A regular file of metadata; no link is followed.
 *
 * @returns `undefined` when there is no such file
 * @throws ComponentError METADATA_TOO_LARGE, METADATA_UNREADABLE for what is no regular file
 */
export async function readFileIfThere(file: string, maxBytes: number): Promise<Uint8Array | undefined> {
  const handle = await openToRead(file);
  if (handle === undefined) return undefined;
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw createNoFile(file);
    if (found.size > maxBytes)
      throw new ComponentError('METADATA_TOO_LARGE', `${path.basename(file)} is too long to be metadata.`);
    const bytes = Buffer.alloc(found.size);
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await handle.read(bytes, length, bytes.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await handle.close();
  }
}

async function openToRead(file: string): Promise<FileHandle | undefined> {
  try {
    // Not following at the end, and not waiting for somebody to write into a pipe. Both are zero where a system has no such thing.
    return await open(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if (isMissing(error)) return undefined;
    const { code } = error as NodeJS.ErrnoException;
    // A link, a socket, and a folder on Windows.
    if (code === 'ELOOP' || code === 'ENXIO' || code === 'EISDIR') throw createNoFile(file);
    throw error;
  }
}

function createNoFile(file: string): ComponentError {
  return new ComponentError('METADATA_UNREADABLE', `${path.basename(file)} is no file of its own.`);
}

export function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

async function writeSynced(file: string, write: (handle: FileHandle) => Promise<void>): Promise<void> {
  // What is there may be a link to elsewhere, which is removed and not written through.
  await rm(file, { force: true });
  const handle = await open(file, 'wx', 0o644);
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
