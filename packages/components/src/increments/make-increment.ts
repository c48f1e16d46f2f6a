import { type FileHandle, open } from 'node:fs/promises';
import { applyIncrement } from './apply-increment.ts';
import { makeDictionaryPayload } from './dictionary.ts';
import type { MakeInput } from './encoding.ts';
import { assertNotInPlace, digestFile, unverifiedPath, writeWhole } from './increment-file.ts';
import { encodeIncrementHeader, type IncrementEncoding, incrementEncodings } from './increment-header.ts';
import { describeFileError } from './increments.errors.ts';
import { makeRecordEdits } from './record-edits.ts';
import { rm } from 'node:fs/promises';

const DEFAULT_MEMORY_BOUND = 1024 * 2 ** 20;

const encodings: Record<IncrementEncoding, (input: MakeInput) => Promise<Uint8Array | undefined>> = {
  'record-edits': makeRecordEdits,
  dictionary: makeDictionaryPayload,
};

export interface MakeOptions {
  readonly oldFile: string;
  readonly newFile: string;
  /** Where the increment is to lie. */
  readonly into: string;
  /** In bytes: how much memory making may take. 1 GiB where nothing is said. */
  readonly memoryBound?: number;
  readonly signal?: AbortSignal;
}

export interface MadeIncrement {
  readonly encoding: IncrementEncoding;
  /** In bytes. */
  readonly length: number;
}

/**
 * Makes the difference from one release of a file straight to another: tries each encoding, keeps the smallest, and applies it once to see
 * that it yields the new file. Nothing is left where that fails.
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
  signal?.throwIfAborted();
  for (const target of [into, unverifiedPath(into)]) await assertNotInPlace(target, oldFile, newFile);
  await using old = await open(oldFile, 'r');
  await using fresh = await open(newFile, 'r');
  const oldLength = (await old.stat()).size;
  const freshLength = (await fresh.stat()).size;
  const input: MakeInput = {
    old,
    oldLength,
    fresh,
    freshLength,
    maxHeldBytes: Math.floor((options.memoryBound ?? DEFAULT_MEMORY_BOUND) / 8),
    ...(signal === undefined ? {} : { signal }),
  };
  let smallest: { readonly encoding: IncrementEncoding; readonly payload: Uint8Array } | undefined;
  for (const encoding of incrementEncodings) {
    signal?.throwIfAborted();
    const payload = await encodings[encoding](input);
    if (payload === undefined) continue;
    if (smallest === undefined || payload.length < smallest.payload.length) smallest = { encoding, payload };
  }
  if (smallest === undefined) throw new Error('expected: an encoding that takes every pair of files');
  const { encoding, payload } = smallest;
  const header = encodeIncrementHeader({
    encoding,
    baseLength: oldLength,
    baseSha256: await digestFile(old, oldLength, signal),
    resultLength: freshLength,
    resultSha256: await digestFile(fresh, freshLength, signal),
  });
  await writeWhole(into, async (file) => {
    await writeAll(file, header);
    await writeAll(file, payload);
  });
  await tryOut(options, freshLength);
  return { encoding, length: header.length + payload.length };
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length; )
    written += (await file.write(bytes, written, bytes.length - written)).bytesWritten;
}

/** An increment that does not yield the new file is never handed out, whatever went wrong. */
async function tryOut(options: MakeOptions, expectedLength: number): Promise<void> {
  const { oldFile, into, signal } = options;
  const trial = `${into}.trial`;
  try {
    await applyIncrement({
      oldFile,
      incrementFile: into,
      into: trial,
      expectedLength,
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    await rm(into, { force: true });
    throw error;
  } finally {
    await rm(trial, { force: true });
  }
}
