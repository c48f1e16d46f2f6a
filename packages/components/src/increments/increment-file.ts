import { createHash } from 'node:crypto';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { streamFile } from './byte-stream.ts';
import { damagedIncrement, IncrementError } from './increments.errors.ts';

/** Bytes of a file; INCREMENT_DAMAGED where it ends before. */
export async function readExactly(file: FileHandle, from: number, count: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(count);
  let length = 0;
  while (length < count) {
    const { bytesRead } = await file.read(bytes, length, count - length, from + length);
    if (bytesRead === 0) throw damagedIncrement('a file ends too early');
    length += bytesRead;
  }
  return bytes;
}

export async function digestFile(
  file: FileHandle,
  length: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const hash = createHash('sha256');
  const stream = streamFile(file, 0, length);
  for (let piece = await stream.next(); piece !== undefined; piece = await stream.next()) {
    signal?.throwIfAborted();
    hash.update(piece);
  }
  return hash.digest();
}

/** Refuses a target that is one of the files that are read, by whatever name. */
export async function assertNotInPlace(target: string, ...read: readonly string[]): Promise<void> {
  const there = await statOrNothing(target);
  for (const path of read) {
    const other = await statOrNothing(path);
    const isSame =
      resolve(path) === resolve(target) ||
      (there !== undefined && other !== undefined && there.dev === other.dev && there.ino === other.ino);
    if (!isSame) continue;
    throw new IncrementError('INCREMENT_IN_PLACE', 'The result would replace a file that it is made from.', {
      remedy: 'Name another file for the result.',
    });
  }
}

async function statOrNothing(
  path: string,
): Promise<{ readonly dev: bigint; readonly ino: bigint } | undefined> {
  try {
    return await stat(path, { bigint: true });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Where the bytes of a file that is being made lie until it is whole. */
export function unverifiedPath(path: string): string {
  return `${path}.unverified`;
}

/**
 * Makes a file that is there whole or not at all: written beside its name, forced to the disk, renamed. Whatever `write` throws,
 * nothing is left of it, and a file that had the name before is untouched.
 */
export async function writeWhole(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const beside = unverifiedPath(path);
  // What a killed process left there must not be followed if it is a link.
  await rm(beside, { force: true });
  const file = await open(beside, 'wx', 0o600);
  try {
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  const folder = await open(dirname(resolve(path)), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
