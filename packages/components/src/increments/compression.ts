import { promisify } from 'node:util';
import {
  brotliCompress,
  constants,
  createBrotliDecompress,
  createZstdDecompress,
  zstdCompress,
} from 'node:zlib';
import type { Transform } from 'node:stream';

/** How bytes are compressed; their numbers in a file are their places here. */
const codecs = ['brotli', 'zstd'] as const;

export type Codec = (typeof codecs)[number];

/** Reading keeps as much in memory and no more; a stream that wants a larger window is refused. */
const WINDOW_BITS = 24;
/** The slow one of the two takes a second for each of these. */
const MAX_BROTLI_BYTES = 32 * 2 ** 20;

const brotli = promisify(brotliCompress);
const zstd = promisify(zstdCompress);

export function codecNumber(codec: Codec): number {
  return codecs.indexOf(codec);
}

export function codecOfNumber(number: number): Codec | undefined {
  return codecs[number];
}

/** The smaller of what the codecs make of `bytes`. */
export async function compressSmallest(
  bytes: Uint8Array,
): Promise<{ readonly codec: Codec; readonly bytes: Uint8Array }> {
  const byZstd = await zstd(bytes, {
    params: {
      [constants.ZSTD_c_compressionLevel]: 19,
      [constants.ZSTD_c_windowLog]: WINDOW_BITS,
      [constants.ZSTD_c_contentSizeFlag]: 0,
    },
    pledgedSrcSize: bytes.length,
  });
  if (bytes.length > MAX_BROTLI_BYTES) return { codec: 'zstd', bytes: byZstd };
  const byBrotli = await brotli(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
  return byBrotli.length <= byZstd.length
    ? { codec: 'brotli', bytes: byBrotli }
    : { codec: 'zstd', bytes: byZstd };
}

export function createDecompressor(codec: Codec): Transform & { readonly bytesWritten: number } {
  return codec === 'brotli'
    ? createBrotliDecompress()
    : createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: WINDOW_BITS } });
}
