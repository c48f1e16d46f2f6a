/**
 * For a backup without a passphrase: the body ends with the SHA-256 of all bytes before it, so that damage is
 * noticed wherever it is. It protects against accidents only; who can change the file can change the hash.
 */
import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';
import { createDamagedError } from './backup.errors.ts';

const HASH_BYTES = 32;

export function createHashingStream(preamble: Uint8Array): Transform {
  const hash = createHash('sha256').update(preamble);
  return new Transform({
    transform(data: Buffer, _encoding, callback) {
      hash.update(data);
      callback(null, data);
    },
    flush(callback) {
      callback(null, hash.digest());
    },
  });
}

export function createHashCheckingStream(preamble: Uint8Array): Transform {
  const hash = createHash('sha256').update(preamble);
  // Invariant: the last 32 bytes that came are held back, because they may be the hash.
  let pending: Buffer = Buffer.alloc(0);
  return new Transform({
    transform(data: Buffer, _encoding, callback) {
      const all = pending.length === 0 ? data : Buffer.concat([pending, data]);
      const content = all.subarray(0, Math.max(0, all.length - HASH_BYTES));
      pending = all.subarray(content.length);
      hash.update(content);
      callback(null, content);
    },
    flush(callback) {
      if (hash.digest().equals(pending)) callback();
      else callback(createDamagedError('its content does not match its hash'));
    },
  });
}
