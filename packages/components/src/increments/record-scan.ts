import type { ByteStream } from './byte-stream.ts';

export const RECORD_END = 0x0a;

/** Where the records of a file begin and what their contents hash to. A record ends behind a line feed, the last one with the file. */
export interface RecordScan {
  readonly count: number;
  /** `count + 1` offsets; the last one is the length of the file. */
  readonly offsets: Float64Array;
  /** Two 32-bit hashes of each record: by chance, two of 2^22 records agree in both once in two million files. */
  readonly first: Int32Array;
  readonly second: Int32Array;
}

/** No line of text is longer. */
const MAX_RECORD_BYTES = 2 ** 20;

/** `undefined` where the file has more than `max` records, or one that is too long for one. */
export async function scanRecords(stream: ByteStream, max: number): Promise<RecordScan | undefined> {
  let room = 1024;
  let offsets = new Float64Array(room + 1);
  let first = new Int32Array(room);
  let second = new Int32Array(room);
  let count = 0;
  let length = 0;
  let one = 0;
  let two = 0;
  let isOpen = false;
  const endRecord = (): boolean => {
    if (count === max) return false;
    if (count === room) {
      room *= 2;
      offsets = enlarge(offsets, new Float64Array(room + 1));
      first = enlarge(first, new Int32Array(room));
      second = enlarge(second, new Int32Array(room));
    }
    first[count] = one;
    second[count] = two;
    count++;
    offsets[count] = length;
    one = 0;
    two = 0;
    isOpen = false;
    return true;
  };
  for (let piece = await stream.next(); piece !== undefined; piece = await stream.next()) {
    if (length - (offsets[count] ?? 0) > MAX_RECORD_BYTES) return undefined;
    for (const byte of piece) {
      one = Math.imul(one ^ byte, 0x01000193) + 0x3779;
      two = Math.imul(two + byte, 0x5bd1e995) ^ (two >>> 13);
      length++;
      isOpen = true;
      if (byte === RECORD_END && !endRecord()) return undefined;
    }
  }
  if (isOpen && !endRecord()) return undefined;
  return { count, offsets, first, second };
}

function enlarge<Values extends Float64Array | Int32Array>(values: Values, into: Values): Values {
  into.set(values);
  return into;
}

/** Numbers for the records of several files: equal records have equal numbers. */
export function numberRecords(scans: readonly RecordScan[]): Int32Array[] {
  const total = scans.reduce((sum, scan) => sum + scan.count, 0);
  const slots = 2 ** Math.ceil(Math.log2(Math.max(2, total * 2)));
  const numbers = new Int32Array(slots).fill(-1);
  const first = new Int32Array(total);
  const second = new Int32Array(total);
  let known = 0;
  return scans.map((scan) => {
    const result = new Int32Array(scan.count);
    for (let record = 0; record < scan.count; record++) {
      const one = scan.first[record] ?? 0;
      const two = scan.second[record] ?? 0;
      let slot = (one ^ Math.imul(two, 0x9e3779b1)) & (slots - 1);
      for (;;) {
        const number = numbers[slot] ?? -1;
        if (number === -1) {
          first[known] = one;
          second[known] = two;
          numbers[slot] = known;
          result[record] = known++;
          break;
        }
        if (first[number] === one && second[number] === two) {
          result[record] = number;
          break;
        }
        slot = (slot + 1) & (slots - 1);
      }
    }
    return result;
  });
}
