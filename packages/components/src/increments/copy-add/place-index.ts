/** Where the bytes of the old file lie, by what they are: for each hash its places, in rising order. */
export interface PlaceIndex {
  /** How many bytes a hash is of. */
  readonly width: number;
  /** Places with the hash of `bytes[at ...]` lie from `starts[hash]` to before `starts[hash + 1]`. */
  readonly starts: Int32Array;
  readonly places: Int32Array;
  hash(bytes: Uint8Array, at: number): number;
}

/** @param step every how many bytes a place is remembered */
export function createPlaceIndex(bytes: Uint8Array, width: 8 | 32, step: number): PlaceIndex {
  const count = Math.max(0, Math.floor((bytes.length - width) / step) + 1);
  const bits = Math.min(24, Math.max(8, Math.ceil(Math.log2(count + 1)) - 1));
  const shift = 32 - bits;
  const hash =
    width === 8
      ? (from: Uint8Array, at: number): number => hash8(from, at) >>> shift
      : (from: Uint8Array, at: number): number => hash32(from, at) >>> shift;
  const starts = new Int32Array(2 ** bits + 1);
  for (let at = 0, left = count; left > 0; at += step, left--) {
    const slot = hash(bytes, at) + 1;
    starts[slot] = (starts[slot] ?? 0) + 1;
  }
  for (let slot = 1; slot < starts.length; slot++) starts[slot] = (starts[slot] ?? 0) + (starts[slot - 1] ?? 0);
  const places = new Int32Array(count);
  // Filled from behind, so that what remains in `starts` is where each hash begins.
  for (let left = count - 1; left >= 0; left--) {
    const at = left * step;
    const slot = hash(bytes, at) + 1;
    const place = (starts[slot] ?? 0) - 1;
    starts[slot] = place;
    places[place] = at;
  }
  // Now `starts[hash + 1]` is where `hash` begins: moved down by one.
  starts.copyWithin(0, 1);
  starts[starts.length - 1] = count;
  return { width, starts, places, hash };
}

/** Of the 32 bytes from `at` on. */
export function hash32(bytes: Uint8Array, at: number): number {
  return Math.imul(
    hash8(bytes, at) ^
      Math.imul(hash8(bytes, at + 8), 0x85ebca6b) ^
      Math.imul(hash8(bytes, at + 16), 0xc2b2ae35) ^
      Math.imul(hash8(bytes, at + 24), 0x27d4eb2f),
    0x9e3779b1,
  );
}

function hash8(bytes: Uint8Array, at: number): number {
  const low =
    (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
  const high =
    (bytes[at + 4] ?? 0) |
    ((bytes[at + 5] ?? 0) << 8) |
    ((bytes[at + 6] ?? 0) << 16) |
    ((bytes[at + 7] ?? 0) << 24);
  let hash = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca77);
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b3c6d);
}
