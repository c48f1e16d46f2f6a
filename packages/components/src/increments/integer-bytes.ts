import { damagedIncrement } from './increments.errors.ts';

/** Seven bits a byte, the lowest first, so a safe integer takes eight bytes at most. */
const MAX_BYTES = 8;
const MAX_VALUE = Number.MAX_SAFE_INTEGER;

/** Bytes that grow as integers and bytes are put behind them. */
export interface ByteWriter {
  readonly length: number;
  integer(value: number): void;
  bytes(value: Uint8Array): void;
  finish(): Uint8Array;
}

export function createByteWriter(): ByteWriter {
  let room = new Uint8Array(256);
  let length = 0;
  const makeRoom = (count: number): void => {
    if (length + count <= room.length) return;
    const larger = new Uint8Array(Math.max(room.length * 2, length + count));
    larger.set(room.subarray(0, length));
    room = larger;
  };
  return {
    get length() {
      return length;
    },
    integer(value) {
      if (!Number.isSafeInteger(value) || value < 0)
        throw new RangeError(`An integer from 0 on is wanted, and not ${value}.`);
      makeRoom(MAX_BYTES);
      let rest = value;
      while (rest >= 0x80) {
        room[length++] = (rest % 0x80) | 0x80;
        rest = Math.floor(rest / 0x80);
      }
      room[length++] = rest;
    },
    bytes(value) {
      makeRoom(value.length);
      room.set(value, length);
      length += value.length;
    },
    finish: () => room.subarray(0, length),
  };
}

/** Reads what a {@link ByteWriter} wrote. Every method throws INCREMENT_DAMAGED where the bytes end too early. */
export interface ByteReader {
  /** How many bytes have been read. */
  readonly offset: number;
  readonly isAtEnd: boolean;
  /** In its one shortest form, at most `max`. */
  integer(max?: number): number;
  bytes(count: number): Uint8Array;
}

export function createByteReader(bytes: Uint8Array): ByteReader {
  let offset = 0;
  return {
    get offset() {
      return offset;
    },
    get isAtEnd() {
      return offset === bytes.length;
    },
    integer(max = MAX_VALUE) {
      let value = 0;
      for (let factor = 1, count = 0; count < MAX_BYTES; factor *= 0x80, count++) {
        const byte = bytes[offset++];
        if (byte === undefined) throw damagedIncrement('an integer is cut short');
        value += (byte & 0x7f) * factor;
        if (byte >= 0x80) continue;
        if (byte === 0 && count > 0) throw damagedIncrement('an integer is longer than it has to be');
        if (value > max) throw damagedIncrement('an integer is too large');
        return value;
      }
      throw damagedIncrement('an integer is too large');
    },
    bytes(count) {
      if (bytes.length - offset < count) throw damagedIncrement('bytes are missing');
      offset += count;
      return bytes.subarray(offset - count, offset);
    },
  };
}
