import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { applyCopyAdd } from './copy-add/apply-copy-add.ts';
import { applyDictionary } from './dictionary.ts';
import type { ApplyInput } from './encoding.ts';
import { assertNotInPlace, digestFile, readExactly, unverifiedPath, writeWhole } from './increment-file.ts';
import { type IncrementEncoding, MAX_HEADER_BYTES, parseIncrementHeader } from './increment-header.ts';
import { damagedIncrement, describeFileError, IncrementError } from './increments.errors.ts';
import { applyRecordEdits } from './record-edits.ts';

const BUFFER_BYTES = 2 ** 20;

const encodings: Record<IncrementEncoding, (input: ApplyInput) => Promise<void>> = {
  'record-edits': applyRecordEdits,
  dictionary: applyDictionary,
  'copy-add': applyCopyAdd,
};

export interface ApplyOptions {
  /** The release that is there; it is read and never changed. */
  readonly oldFile: string;
  readonly incrementFile: string;
  /** Where the new release is to lie. Until it is whole it has `.unverified` behind its name. */
  readonly into: string;
  /** In bytes, as signed metadata say it: not one more is written. */
  readonly expectedLength: number;
  readonly signal?: AbortSignal;
}

/**
 * Makes the new release of a file from the old one and an increment. It streams: memory does not grow with the files (at most 128 MiB).
 * The digests in the increment tell an unfit base and damage; whether the result is what was signed, the caller
 * still has to verify. Where it fails or is aborted, nothing is left and a file at `into` is as it was.
 * @throws IncrementError; the reason of `signal` when that aborts
 */
export async function applyIncrement(options: ApplyOptions): Promise<void> {
  try {
    await apply(options);
  } catch (error) {
    throw describeFileError(error);
  }
}

async function apply(options: ApplyOptions): Promise<void> {
  const { oldFile, incrementFile, into, expectedLength, signal } = options;
  signal?.throwIfAborted();
  for (const target of [into, unverifiedPath(into)]) await assertNotInPlace(target, oldFile, incrementFile);
  await using increment = await open(incrementFile, 'r');
  const { size } = await increment.stat();
  const header = parseIncrementHeader(await readExactly(increment, 0, Math.min(size, MAX_HEADER_BYTES)));
  if (header.resultLength !== expectedLength) {
    throw new IncrementError('INCREMENT_LENGTH_WRONG', 'The increment does not yield what was signed.', {
      facts: { length: header.resultLength, expected: expectedLength },
      remedy: 'Download the full file.',
    });
  }
  await using old = await open(oldFile, 'r');
  const oldLength = (await old.stat()).size;
  const isBase =
    oldLength === header.baseLength && isSame(await digestFile(old, oldLength, signal), header.baseSha256);
  if (!isBase) {
    throw new IncrementError('INCREMENT_BASE_WRONG', 'The increment starts from another file.', {
      remedy: 'Download the increment from the release that is installed, or the full file.',
    });
  }
  await writeWhole(into, async (file) => {
    const result = createResult(file, expectedLength);
    await encodings[header.encoding]({
      old,
      oldLength,
      increment,
      payloadFrom: header.length,
      payloadTo: size,
      resultLength: header.resultLength,
      readPayload(offset, count) {
        if (header.length + offset + count > size) throw damagedIncrement('it is cut short');
        return readExactly(increment, header.length + offset, count);
      },
      write: result.write,
      ...(signal === undefined ? {} : { signal }),
    });
    const { length, sha256 } = await result.finish();
    if (length !== expectedLength || !isSame(sha256, header.resultSha256))
      throw damagedIncrement('it yields other bytes than it says');
  });
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

interface Result {
  readonly write: (bytes: Uint8Array) => Promise<void>;
  finish(): Promise<{ readonly length: number; readonly sha256: Uint8Array }>;
}

/** Gathers small pieces, and never takes more than `maxLength` bytes. */
function createResult(file: FileHandle, maxLength: number): Result {
  const hash = createHash('sha256');
  const buffer = new Uint8Array(BUFFER_BYTES);
  let buffered = 0;
  let length = 0;
  const flush = async (): Promise<void> => {
    const bytes = buffer.subarray(0, buffered);
    hash.update(bytes);
    for (let written = 0; written < bytes.length; ) {
      written += (await file.write(bytes, written, bytes.length - written)).bytesWritten;
    }
    buffered = 0;
  };
  return {
    async write(bytes) {
      length += bytes.length;
      if (length > maxLength) throw damagedIncrement('it yields more than it says');
      for (let taken = 0; taken < bytes.length; ) {
        const count = Math.min(bytes.length - taken, buffer.length - buffered);
        buffer.set(bytes.subarray(taken, taken + count), buffered);
        buffered += count;
        taken += count;
        if (buffered === buffer.length) await flush();
      }
    },
    async finish() {
      await flush();
      return { length, sha256: hash.digest() };
    },
  };
}
