import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  linkSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { findSystemErrorCode } from './system-error.ts';

const COPY_BYTES = 1_048_576;
/** Links to another volume, more links than the file system counts, and file systems that have none. */
const WITHOUT_LINK: ReadonlySet<string> = new Set(['EXDEV', 'EMLINK', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP']);

/** Waits until what was written to the file is on the disk. */
export function syncFile(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Waits until what was made, renamed or removed in the folder is on the disk. */
export function syncFolder(path: string): void {
  // Windows cannot open a folder; its rename is durable by journal.
  if (process.platform !== 'win32') syncFile(path);
}

/** Renames, and returns when that is on the disk. What is renamed has to be there already. */
export function renameDurably(from: string, to: string): void {
  renameSync(from, to);
  syncFolder(dirname(to));
}

/** Removes file or folder, if it is there, and returns when that is on the disk. */
export function removeDurably(path: string): void {
  rmSync(path, { force: true, recursive: true });
  syncFolder(dirname(path));
}

/**
 * Puts the file at `source` in the place of `path` as well: what a power cut leaves there is the old content or the new one. Without a
 * copy where a link can do it. May be repeated after an end at any step.
 *
 * @param mode of a copy; a link has that of the source
 */
export function placeFile(source: string, path: string, mode: number): void {
  const incoming = incomingPath(path);
  rmSync(incoming, { force: true });
  try {
    linkSync(source, incoming);
  } catch (error) {
    if (!WITHOUT_LINK.has(findSystemErrorCode(error) ?? '')) throw error;
    copyWhole(source, incoming, mode);
  }
  renameSync(incoming, path);
  // Where both were links to one file already, a rename leaves them as they are (POSIX, rename()).
  rmSync(incoming, { force: true });
  syncFolder(dirname(path));
}

/** Writes a small file in the place of `path`, as {@link placeFile} does. */
export function writeDurably(path: string, content: string, mode: number): void {
  const incoming = incomingPath(path);
  rmSync(incoming, { force: true });
  writeWhole(incoming, mode, (descriptor) => writeFileSync(descriptor, content));
  renameDurably(incoming, path);
}

/** Hidden, so that nobody who reads all files of a folder reads half of one. */
function incomingPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.incoming`);
}

function copyWhole(source: string, path: string, mode: number): void {
  const from = openSync(source, 'r');
  try {
    writeWhole(path, mode, (to) => {
      const buffer = new Uint8Array(COPY_BYTES);
      for (let count = readSync(from, buffer); count > 0; count = readSync(from, buffer)) {
        for (let done = 0; done < count; ) done += writeSync(to, buffer, done, count - done);
      }
    });
  } finally {
    closeSync(from);
  }
}

/** A file that must not be there yet: neither somebody's file nor a link of theirs is written through. */
function writeWhole(path: string, mode: number, write: (descriptor: number) => void): void {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
  const descriptor = openSync(path, flags, 0o600);
  try {
    write(descriptor);
    fchmodSync(descriptor, mode);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
