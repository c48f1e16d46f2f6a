import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import type { ApplyInput, MakeInput } from './encoding.ts';
import { damagedIncrement } from './increments.errors.ts';
import { createByteReader, createByteWriter } from './integer-bytes.ts';
import { readExactly } from './increment-file.ts';

/** The new file is cut into pieces of this length, so that applying holds one of them and its dictionary. */
const SEGMENT_BYTES = 16 * 2 ** 20;
/** How far the old file may have shifted and still be found. */
const MARGIN_BYTES = 2 ** 20;
/** As much of the old file as one dictionary may be. */
const MAX_DICTIONARY_BYTES = SEGMENT_BYTES + 2 * MARGIN_BYTES;
/** A window that holds a segment behind its dictionary. */
const WINDOW_BITS = 26;
/** The tables of the compressor by default are too small to find what lies far back in a dictionary. */
const TABLE_BITS = 25;
const LEVEL = 12;
const MAX_HEAD_BYTES = 3 * 8;

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/**
 * Zstandard with the old file as its dictionary, segment by segment: for what is no sequence of records. Source of the parameters:
 * Node loads the dictionary without the index for long distances, so the tables themselves have to reach over all of it.
 */
export async function makeDictionary(input: MakeInput): Promise<boolean> {
  for (let from = 0; from < input.freshLength; from += SEGMENT_BYTES) {
    input.signal?.throwIfAborted();
    const segment = await readExactly(input.fresh, from, Math.min(SEGMENT_BYTES, input.freshLength - from));
    // As the segment lies in the new file, so does its dictionary in the old one.
    const middle = (from / input.freshLength) * input.oldLength;
    const low = Math.max(0, Math.min(Math.floor(middle), from) - MARGIN_BYTES);
    const offset = Math.max(0, Math.min(low, input.oldLength - MAX_DICTIONARY_BYTES));
    const length = Math.min(MAX_DICTIONARY_BYTES, input.oldLength - offset);
    const dictionary = await readExactly(input.old, offset, length);
    const bytes = await compress(segment, {
      ...(length > 0 ? { dictionary } : {}),
      params: {
        [constants.ZSTD_c_compressionLevel]: LEVEL,
        [constants.ZSTD_c_windowLog]: WINDOW_BITS,
        [constants.ZSTD_c_hashLog]: TABLE_BITS,
        [constants.ZSTD_c_chainLog]: TABLE_BITS,
        [constants.ZSTD_c_contentSizeFlag]: 0,
      },
    });
    const head = createByteWriter();
    head.integer(offset);
    head.integer(length);
    head.integer(bytes.length);
    await input.write(head.finish());
    await input.write(bytes);
    input.onProgress?.(from + segment.length);
  }
  return true;
}

export async function applyDictionary(input: ApplyInput): Promise<void> {
  const payloadLength = input.payloadTo - input.payloadFrom;
  let at = 0;
  for (let left = input.resultLength; left > 0; ) {
    input.signal?.throwIfAborted();
    const head = createByteReader(await input.readPayload(at, Math.min(MAX_HEAD_BYTES, payloadLength - at)));
    const offset = head.integer(input.oldLength);
    const length = head.integer(Math.min(MAX_DICTIONARY_BYTES, input.oldLength - offset));
    const count = head.integer(payloadLength - at - head.offset);
    // Incompressible bytes grow by a few in a frame; more than that is no segment.
    if (count > SEGMENT_BYTES + SEGMENT_BYTES / 16) throw damagedIncrement('a segment is too long');
    const bytes = await input.readPayload(at + head.offset, count);
    const dictionary = await readExactly(input.old, offset, length);
    const wanted = Math.min(SEGMENT_BYTES, left);
    const segment = await decompressSegment(bytes, dictionary, wanted);
    if (segment.length !== wanted) throw damagedIncrement('a segment has another length');
    await input.write(segment);
    left -= wanted;
    at += head.offset + count;
  }
  if (at !== payloadLength) throw damagedIncrement('something stands behind the last segment');
}

async function decompressSegment(
  bytes: Uint8Array,
  dictionary: Uint8Array,
  maxBytes: number,
): Promise<Uint8Array> {
  try {
    return await decompress(bytes, {
      ...(dictionary.length > 0 ? { dictionary } : {}),
      maxOutputLength: maxBytes,
      params: { [constants.ZSTD_d_windowLogMax]: WINDOW_BITS },
    });
  } catch (error) {
    throw damagedIncrement('a segment does not decompress', error);
  }
}
