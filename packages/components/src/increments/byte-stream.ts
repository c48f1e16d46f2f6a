import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { type Codec, createDecompressor } from './compression.ts';
import { damagedIncrement, describeFileError, IncrementError } from './increments.errors.ts';

const CHUNK_BYTES = 256 * 1024;

/** Bytes that come piece by piece; `undefined` is their end. A piece is valid until the next one is asked for. */
export interface ByteStream {
  next(): Promise<Uint8Array | undefined>;
}

/** A part of a file, read with one buffer. */
export function streamFile(file: FileHandle, from: number, to: number): ByteStream {
  const buffer = new Uint8Array(Math.max(1, Math.min(CHUNK_BYTES, to - from)));
  let position = from;
  return {
    async next() {
      if (position >= to) return undefined;
      const count = Math.min(buffer.length, to - position);
      const { bytesRead } = await file.read(buffer, 0, count, position);
      // A file that has become shorter since its length was read yields what is there; digests tell.
      if (bytesRead === 0) return undefined;
      position += bytesRead;
      return buffer.subarray(0, bytesRead);
    },
  };
}

/**
 * What a compressed part of a file yields. No more is decompressed than is asked for, so that a small file that
 * yields much does no harm. Anything but one whole compressed stream is INCREMENT_DAMAGED.
 */
export function streamCompressed(
  file: FileHandle,
  part: { readonly from: number; readonly to: number; readonly codec: Codec },
): ByteStream & { close(): void } {
  const decompressor = createDecompressor(part.codec);
  const source = streamFile(file, part.from, part.to);
  pipeline(chunksOf(source), decompressor, () => {
    // What went wrong reaches whoever reads; nobody may be left to read.
  });
  const chunks: AsyncIterator<unknown> = decompressor[Symbol.asyncIterator]();
  return {
    async next() {
      try {
        const { done, value } = await chunks.next();
        if (done !== true && value instanceof Uint8Array) return value;
      } catch (error) {
        const described = describeFileError(error);
        throw described instanceof IncrementError
          ? described
          : damagedIncrement('it does not decompress', error);
      }
      if (decompressor.bytesWritten !== part.to - part.from)
        throw damagedIncrement('something stands behind the compressed part');
      return undefined;
    },
    close: () => decompressor.destroy(),
  };
}

async function* chunksOf(stream: ByteStream): AsyncGenerator<Uint8Array> {
  for (let chunk = await stream.next(); chunk !== undefined; chunk = await stream.next()) {
    // The decompressor may still read this one while the buffer is filled again.
    yield chunk.slice();
  }
}

/** Takes exact counts of bytes out of a stream. */
export interface StreamReader {
  /** INCREMENT_DAMAGED where the stream ends before; the bytes are valid until the next call. */
  bytes(count: number): Promise<Uint8Array>;
  integer(max: number): Promise<number>;
  /** What is left, as a stream. */
  rest(): ByteStream;
}

export function createStreamReader(stream: ByteStream): StreamReader {
  let piece: Uint8Array = new Uint8Array(0);
  const readPiece = async (): Promise<void> => {
    const next = await stream.next();
    if (next === undefined) throw damagedIncrement('a compressed part ends too early');
    piece = next;
  };
  const reader: StreamReader = {
    async bytes(count) {
      if (piece.length < count) {
        const whole = new Uint8Array(count);
        let length = 0;
        while (length < count) {
          if (piece.length === 0) await readPiece();
          const taken = piece.subarray(0, count - length);
          whole.set(taken, length);
          length += taken.length;
          piece = piece.subarray(taken.length);
        }
        return whole;
      }
      const taken = piece.subarray(0, count);
      piece = piece.subarray(count);
      return taken;
    },
    async integer(max) {
      let value = 0;
      for (let factor = 1, count = 0; count < 8; factor *= 0x80, count++) {
        const [byte = 0] = await reader.bytes(1);
        value += (byte & 0x7f) * factor;
        if (byte >= 0x80) continue;
        if (byte === 0 && count > 0) throw damagedIncrement('an integer is longer than it has to be');
        if (value > max) throw damagedIncrement('an integer is too large');
        return value;
      }
      throw damagedIncrement('an integer is too large');
    },
    rest: () => ({
      async next() {
        if (piece.length === 0) return stream.next();
        const taken = piece;
        piece = new Uint8Array(0);
        return taken;
      },
    }),
  };
  return reader;
}
