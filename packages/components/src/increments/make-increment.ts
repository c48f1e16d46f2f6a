import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { applyIncrement } from './apply-increment.ts';
import { makeCopyAdd } from './copy-add/make-copy-add.ts';
import { makeDictionary } from './dictionary.ts';
import type { MakeEncoding } from './encoding.ts';
import { assertNotInPlace, digestFile, unverifiedPath, writeWhole } from './increment-file.ts';
import { encodeIncrementHeader, type IncrementEncoding, type IncrementHeader } from './increment-header.ts';
import { describeFileError } from './increments.errors.ts';
import { makeRecordEdits } from './record-edits.ts';

const DEFAULT_MEMORY_BOUND = 2 ** 30;
const MIN_MEMORY_BOUND = 64 * 2 ** 20;

export interface MakeOptions {
  readonly oldFile: string;
  readonly newFile: string;
  /** Where the increment is to lie. */
  readonly into: string;
  /** In bytes: how much memory making may take, beside what the process had before. At least 64 MiB; 1 GiB where nothing is said. */
  readonly memoryBound?: number;
  /** Which part of the work is done, from 0 to 1. */
  readonly onProgress?: (part: number) => void;
  readonly signal?: AbortSignal;
}

export interface MadeIncrement {
  readonly encoding: IncrementEncoding;
  /** In bytes. */
  readonly length: number;
}

/**
 * Makes the difference from one release of a file straight to another: tries the encodings that fit, keeps the smallest, and applies it once to
 * see that it yields the new file. Nothing is left where that fails. It computes for seconds to minutes: `createIncrementMaker` does so
 * in a thread of its own.
 * @throws IncrementError INCREMENT_IN_PLACE, INCREMENT_FILE_FAILED; the reason of `signal` when that aborts
 */
export async function makeIncrement(options: MakeOptions): Promise<MadeIncrement> {
  try {
    return await make(options);
  } catch (error) {
    throw describeFileError(error);
  }
}

async function make(options: MakeOptions): Promise<MadeIncrement> {
  const { oldFile, newFile, into, signal } = options;
  const memoryBound = options.memoryBound ?? DEFAULT_MEMORY_BOUND;
  if (!(memoryBound >= MIN_MEMORY_BOUND))
    throw new RangeError(`At least ${MIN_MEMORY_BOUND} bytes of memory are wanted, and not ${memoryBound}.`);
  signal?.throwIfAborted();
  for (const target of [into, unverifiedPath(into)]) await assertNotInPlace(target, oldFile, newFile);
  await using old = await open(oldFile, 'r');
  await using fresh = await open(newFile, 'r');
  const files: Files = {
    old,
    oldLength: (await old.stat()).size,
    fresh,
    freshLength: (await fresh.stat()).size,
  };
  const digests = {
    baseLength: files.oldLength,
    baseSha256: await digestFile(old, files.oldLength, signal),
    resultLength: files.freshLength,
    resultSha256: await digestFile(fresh, files.freshLength, signal),
  };
  const attempt = (encoding: IncrementEncoding, make_: MakeEncoding, maxLength: number) =>
    tryEncoding({ encoding, make: make_, maxLength, files, digests, options: { ...options, memoryBound } });

  const candidates: Candidate[] = [];
  try {
    const edits = await attempt('record-edits', makeRecordEdits, Number.MAX_SAFE_INTEGER);
    if (edits !== undefined) candidates.push(edits);
    const copies = await attempt('copy-add', makeCopyAdd, edits?.length ?? Number.MAX_SAFE_INTEGER);
    if (copies !== undefined) candidates.push(copies);
    // Where copies and additions are worth something, they are always smaller than this.
    if (candidates.length === 0) {
      const any = await attempt('dictionary', makeDictionary, Number.MAX_SAFE_INTEGER);
      if (any !== undefined) candidates.push(any);
    }
    const smallest = candidates.at(-1);
    if (smallest === undefined) throw new Error('expected: an encoding that takes every pair of files');
    await tryOut(smallest.path, options, files.freshLength);
    await rename(smallest.path, into);
    options.onProgress?.(1);
    return { encoding: smallest.encoding, length: smallest.length };
  } finally {
    for (const { path } of candidates) await rm(path, { force: true });
  }
}

interface Files {
  readonly old: FileHandle;
  readonly oldLength: number;
  readonly fresh: FileHandle;
  readonly freshLength: number;
}

interface Candidate {
  readonly encoding: IncrementEncoding;
  readonly path: string;
  readonly length: number;
}

interface Attempt {
  readonly encoding: IncrementEncoding;
  readonly make: MakeEncoding;
  readonly maxLength: number;
  readonly files: Files;
  readonly digests: Omit<IncrementHeader, 'encoding'>;
  readonly options: MakeOptions & { readonly memoryBound: number };
}

/** Why an attempt ends that cannot be the smallest any more, or does not fit. */
const GIVEN_UP = new Error('given up');

/** An increment in one encoding, beside where it is to lie; `undefined` where it would not be below `maxLength` bytes. */
async function tryEncoding(attempt: Attempt): Promise<Candidate | undefined> {
  const { encoding, maxLength, files, options } = attempt;
  const path = `${options.into}.${encoding}`;
  let length = 0;
  try {
    await writeWhole(path, async (file) => {
      const write = async (bytes: Uint8Array): Promise<void> => {
        length += bytes.length;
        if (length >= maxLength) throw GIVEN_UP;
        for (let written = 0; written < bytes.length; )
          written += (await file.write(bytes, written, bytes.length - written)).bytesWritten;
      };
      await write(encodeIncrementHeader({ ...attempt.digests, encoding }));
      const isFit = await attempt.make({
        ...files,
        memoryBound: options.memoryBound,
        write,
        onProgress: (done) => options.onProgress?.((0.9 * done) / Math.max(1, files.freshLength)),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      });
      if (!isFit) throw GIVEN_UP;
    });
  } catch (error) {
    if (error === GIVEN_UP) return undefined;
    throw error;
  }
  return { encoding, path, length };
}

/** An increment that does not yield the new file is never handed out, whatever went wrong. */
async function tryOut(incrementFile: string, options: MakeOptions, expectedLength: number): Promise<void> {
  const { oldFile, signal } = options;
  const into = `${options.into}.trial`;
  try {
    await applyIncrement({
      oldFile,
      incrementFile,
      into,
      expectedLength,
      ...(signal === undefined ? {} : { signal }),
    });
  } finally {
    await rm(into, { force: true });
  }
}
