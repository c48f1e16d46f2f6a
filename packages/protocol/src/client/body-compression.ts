import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { limits } from '../limits.ts';

const gzipAsync = promisify(gzip);

/** Below this the frame of gzip and the work on both sides cost more than they save. */
const MIN_BYTES = 1_024;

/** The body as gzip; `undefined` where it is better sent as it is: too short, hardly smaller, or larger than may travel packed. */
export async function compressBody(body: Uint8Array): Promise<Uint8Array | undefined> {
  if (body.length < MIN_BYTES) return undefined;
  const packed = await gzipAsync(body);
  return packed.length < body.length && packed.length <= limits.maxCompressedLogBodyBytes
    ? packed
    : undefined;
}
