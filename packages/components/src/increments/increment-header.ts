import { createByteReader, createByteWriter } from './integer-bytes.ts';
import { damagedIncrement, IncrementError } from './increments.errors.ts';

/** How the difference is written. Their numbers in the file are their places here, from 1 on; see docs/increments.md. */
export const incrementEncodings = ['record-edits', 'dictionary', 'copy-add'] as const;

export type IncrementEncoding = (typeof incrementEncodings)[number];

/** What every increment says of itself, in front of the difference. */
export interface IncrementHeader {
  readonly encoding: IncrementEncoding;
  /** Of the file that it starts from, in bytes. */
  readonly baseLength: number;
  /** 32 bytes. */
  readonly baseSha256: Uint8Array;
  /** Of the file that it yields, in bytes. */
  readonly resultLength: number;
  /** 32 bytes. */
  readonly resultSha256: Uint8Array;
}

/** The first byte is no text; the line ending shows a transfer that changes line endings. */
const MAGIC = Uint8Array.of(0x8f, 0x48, 0x46, 0x49, 0x4e, 0x43, 0x0d, 0x0a);
const VERSION = 1;
const SHA256_BYTES = 32;

/** As many bytes as a header can have. */
export const MAX_HEADER_BYTES: number = MAGIC.length + 2 + 2 * 8 + 2 * SHA256_BYTES;

export function encodeIncrementHeader(header: IncrementHeader): Uint8Array {
  const writer = createByteWriter();
  writer.bytes(MAGIC);
  writer.integer(VERSION);
  writer.integer(incrementEncodings.indexOf(header.encoding) + 1);
  writer.integer(header.baseLength);
  writer.integer(header.resultLength);
  writer.bytes(header.baseSha256);
  writer.bytes(header.resultSha256);
  return writer.finish();
}

/**
 * Reads the header at the beginning of `bytes`; `length` is its own length. The digests are not compared with anything here.
 * @throws IncrementError INCREMENT_DAMAGED, INCREMENT_UNSUPPORTED
 */
export function parseIncrementHeader(bytes: Uint8Array): IncrementHeader & { readonly length: number } {
  const reader = createByteReader(bytes);
  if (bytes.length === 0) throw damagedIncrement('it is empty');
  const magic = reader.bytes(MAGIC.length);
  if (!MAGIC.every((byte, place) => magic[place] === byte)) throw damagedIncrement('it is no increment');
  const version = reader.integer();
  if (version !== VERSION) throw unsupportedIncrement({ version });
  const number = reader.integer();
  const encoding = incrementEncodings[number - 1];
  if (encoding === undefined) throw unsupportedIncrement({ encoding: number });
  const baseLength = reader.integer();
  const resultLength = reader.integer();
  const baseSha256 = reader.bytes(SHA256_BYTES).slice();
  const resultSha256 = reader.bytes(SHA256_BYTES).slice();
  return { encoding, baseLength, resultLength, baseSha256, resultSha256, length: reader.offset };
}

function unsupportedIncrement(facts: Record<string, number>): IncrementError {
  return new IncrementError(
    'INCREMENT_UNSUPPORTED',
    'The increment is of a newer kind than this program knows.',
    {
      facts,
      remedy: 'Download the full file.',
    },
  );
}
