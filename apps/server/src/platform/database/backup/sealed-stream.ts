/**
 * Encryption of a stream in chunks (the STREAM construction): every chunk is AES-256-GCM under the key of
 * this file, the nonce is the number of the chunk and whether it is the last. Chunks therefore cannot be
 * changed, left out, repeated, reordered or cut off at the end without being noticed. The key is used for
 * one file only, so that counting nonces never repeats one. The preamble is authenticated with each chunk.
 */
import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import { createDamagedError } from './backup.errors.ts';

export const CHUNK_BYTES = 64 * 1024;
const TAG_BYTES = 16;
const NONCE_BYTES = 12;

export function createSealingStream(key: KeyObject, associatedData: Uint8Array): Transform {
  return createChunkStream(CHUNK_BYTES, (chunk, index, isLast) => {
    const cipher = createCipheriv('aes-256-gcm', key, createNonce(index, isLast));
    cipher.setAAD(associatedData);
    return Buffer.concat([cipher.update(chunk), cipher.final(), cipher.getAuthTag()]);
  });
}

export function createOpeningStream(key: KeyObject, associatedData: Uint8Array): Transform {
  return createChunkStream(CHUNK_BYTES + TAG_BYTES, (chunk, index, isLast) => {
    if (chunk.length < TAG_BYTES) throw createDamagedError('its end is missing');
    const decipher = createDecipheriv('aes-256-gcm', key, createNonce(index, isLast), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(associatedData);
    decipher.setAuthTag(chunk.subarray(-TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(chunk.subarray(0, -TAG_BYTES)), decipher.final()]);
    } catch {
      throw createDamagedError('an encrypted part was changed or its end is missing');
    }
  });
}

/** Cuts what comes into chunks of one size; the last one is known only when nothing follows it. */
function createChunkStream(
  size: number,
  process: (chunk: Buffer, index: number, isLast: boolean) => Buffer,
): Transform {
  let pending: Buffer = Buffer.alloc(0);
  let index = 0;
  function take(stream: Transform, callback: TransformCallback, work: () => void): void {
    try {
      work();
      callback();
    } catch (error) {
      stream.destroy(error as Error);
    }
  }
  return new Transform({
    transform(data: Buffer, _encoding, callback) {
      take(this, callback, () => {
        pending = pending.length === 0 ? data : Buffer.concat([pending, data]);
        let offset = 0;
        // Invariant: the last chunk is never empty, unless everything is.
        for (; pending.length - offset > size; offset += size) {
          this.push(process(pending.subarray(offset, offset + size), index, false));
          index += 1;
        }
        pending = pending.subarray(offset);
      });
    },
    flush(callback) {
      take(this, callback, () => void this.push(process(pending, index, true)));
    },
  });
}

function createNonce(index: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  // 48 bits of chunks of 64 KiB are more than any disk holds.
  nonce.writeUIntBE(index, 5, 6);
  nonce.writeUInt8(isLast ? 1 : 0, NONCE_BYTES - 1);
  return nonce;
}
