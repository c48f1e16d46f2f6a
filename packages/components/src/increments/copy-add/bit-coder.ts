/**
 * Arithmetic coding of bits, after the carryless range coder of lpaq (Matt Mahoney). A probability is that of a 1,
 * from 1 to 65535 in 65536. Both sides are called alike: one writes the bit that it is given, the other ignores it
 * and gives the one that it reads.
 */
export interface BitCoder {
  code(bit: number, probability: number): number;
}

/** What is written may be taken out at any time, piece by piece. */
export interface BitEncoder extends BitCoder {
  /** How many bytes lie there. */
  readonly waiting: number;
  take(): Uint8Array;
  /** Puts the last byte behind; nothing may be coded after that. */
  finish(): void;
}

export function createBitEncoder(): BitEncoder {
  let low = 0;
  let high = 0xffffffff;
  let room = new Uint8Array(2 ** 16);
  let length = 0;
  const put = (byte: number): void => {
    if (length === room.length) {
      const larger = new Uint8Array(room.length * 2);
      larger.set(room);
      room = larger;
    }
    room[length++] = byte;
  };
  return {
    get waiting() {
      return length;
    },
    code(bit, probability) {
      const range = high - low;
      const middle = low + (range >>> 16) * probability + (((range & 0xffff) * probability) >>> 16);
      if (bit === 1) high = middle;
      else low = middle + 1;
      while (((low ^ high) & 0xff000000) === 0) {
        put(high >>> 24);
        low = (low << 8) >>> 0;
        high = ((high << 8) | 0xff) >>> 0;
      }
      return bit;
    },
    take() {
      const taken = room.slice(0, length);
      length = 0;
      return taken;
    },
    // The first bytes of both bounds differ, so one byte and the zeros that the reader thinks behind it lie between them.
    finish: () => put((low >>> 24) + 1),
  };
}

/** How many zeros a reader has thought behind the end of a whole stream when it has read the last bit. */
export const PADDING_BYTES = 3;

export interface BitDecoder extends BitCoder {
  /** More bytes to read, behind those of before. */
  feed(bytes: Uint8Array): void;
  /** How many are left to read. */
  readonly left: number;
  /** How many zeros were read behind the end. */
  readonly padding: number;
}

/** @param first the beginning of the stream: four bytes, or all there is if there are fewer */
export function createBitDecoder(first: Uint8Array): BitDecoder {
  let low = 0;
  let high = 0xffffffff;
  let bytes = first;
  let at = 0;
  let padding = 0;
  const next = (): number => {
    if (at < bytes.length) return bytes[at++] ?? 0;
    padding++;
    return 0;
  };
  let value = 0;
  for (let count = 0; count < 4; count++) value = ((value << 8) | next()) >>> 0;
  return {
    get left() {
      return bytes.length - at;
    },
    get padding() {
      return padding;
    },
    feed(more) {
      const joined = new Uint8Array(bytes.length - at + more.length);
      joined.set(bytes.subarray(at));
      joined.set(more, bytes.length - at);
      bytes = joined;
      at = 0;
    },
    code(_, probability) {
      const range = high - low;
      const middle = low + (range >>> 16) * probability + (((range & 0xffff) * probability) >>> 16);
      const bit = value <= middle ? 1 : 0;
      if (bit === 1) high = middle;
      else low = middle + 1;
      while (((low ^ high) & 0xff000000) === 0) {
        low = (low << 8) >>> 0;
        high = ((high << 8) | 0xff) >>> 0;
        value = ((value << 8) | next()) >>> 0;
      }
      return bit;
    },
  };
}
