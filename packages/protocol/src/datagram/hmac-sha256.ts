import type { KeyObject } from 'node:crypto';
import { compress } from './sha256-compress.ts';
import { writeU32 } from './wire-integer.ts';

// FIPS 180-4 section 5.3.3.
const INITIAL_STATE = Int32Array.of(
  0x6a09e667,
  0xbb67ae85,
  0x3c6ef372,
  0xa54ff53a,
  0x510e527f,
  0x9b05688c,
  0x1f83d9ab,
  0x5be0cd19,
);

const BLOCK_BYTES = 64;
const BLOCK_WORDS = 16;
const STATE_WORDS = 8;
const INNER_PAD = 0x36363636;
const OUTER_PAD = 0x5c5c5c5c;
/** Bits of one padded key block and one digest: the length field of every outer hash. */
const OUTER_MESSAGE_BITS = (BLOCK_BYTES + 32) * 8;

/** Number of bytes of a message authentication code on the wire: HMAC-SHA-256 cut to 128 bits. */
export const macBytes = 16;

/** Words of a prepared key: the states after the inner and after the outer pad. */
export const preparedKeyWords = 2 * STATE_WORDS;

/**
 * HMAC-SHA-256 (RFC 2104, FIPS 198-1) for many short messages, each under another key.
 *
 * Why not `node:crypto`: a heartbeat costs three MACs (derive the product's key, verify, seal the
 * acknowledgement) and each `createHmac` call costs about 4 µs with a `KeyObject`, plus the making of that
 * `KeyObject` for the derived key. Measured on Node 24.21 for one heartbeat of 56 bytes: about 13 µs with
 * `createHmac`, about 10 µs with a cache of derived `KeyObject`s that always hits, about 2.5 µs here, and about
 * 1.3 µs here with a prepared key. The whole hash of a short message is four compressions, so the cost of crossing
 * into native code is what counts, not its speed; and here nothing is allocated.
 *
 * Constant time: there is no branch and no table index that depends on key, message content or code. Lengths are
 * public. All values are 32-bit integers, which a 64-bit V8 never boxes.
 *
 * The instance is a working area: not shared between threads, and not re-entrant (it never yields).
 */
export class HmacSha256 {
  /** The prepared key: inner state, then outer state. */
  readonly #key = new Int32Array(preparedKeyWords);
  readonly #state = new Int32Array(STATE_WORDS);
  readonly #block = new Int32Array(BLOCK_WORDS);
  /** State while a key is prepared; `#state` may be the digest that becomes the key. */
  readonly #padded = new Int32Array(STATE_WORDS);

  /**
   * Sets the key.
   *
   * @param key at most 64 bytes; longer keys would have to be hashed first, and no caller has one
   * @throws RangeError when the key is empty or longer
   */
  setKey(key: Uint8Array): void {
    if (key.length === 0 || key.length > BLOCK_BYTES) {
      throw new RangeError(`"key" expected 1 to ${BLOCK_BYTES} bytes, got ${key.length}`);
    }
    const padded = new Uint8Array(BLOCK_BYTES);
    padded.set(key);
    const words = new Int32Array(BLOCK_WORDS);
    loadWords(words, padded, 0, BLOCK_WORDS);
    this.#prepare(words, BLOCK_WORDS);
    padded.fill(0);
    words.fill(0);
  }

  /** Sets the key from a secret `KeyObject`; the exported bytes are wiped at once. */
  setKeyObject(key: KeyObject): void {
    const bytes = key.export();
    this.setKey(bytes);
    bytes.fill(0);
  }

  /** Takes the last code that `source` computed (32 bytes) as the key, without making bytes of it. */
  setKeyFromDigestOf(source: HmacSha256): void {
    this.#prepare(source.#state, STATE_WORDS);
  }

  /** Copies the prepared key to `target`, for {@link setPreparedKey}. It is as secret as the key. */
  copyPreparedKey(target: Int32Array, offset: number): void {
    for (let i = 0; i < preparedKeyWords; i++) target[offset + i] = at(this.#key, i);
  }

  /** Sets a key that {@link copyPreparedKey} gave: spares its two compressions. */
  setPreparedKey(source: Int32Array, offset: number): void {
    for (let i = 0; i < preparedKeyWords; i++) this.#key[i] = at(source, offset + i);
  }

  /** Computes the code of `bytes[0, end)` and keeps it until the next computation. */
  compute(bytes: Uint8Array, end: number): void {
    const key = this.#key;
    const state = this.#state;
    const block = this.#block;
    for (let i = 0; i < STATE_WORDS; i++) state[i] = at(key, i);
    let offset = 0;
    for (; offset + BLOCK_BYTES <= end; offset += BLOCK_BYTES) {
      loadWords(block, bytes, offset, BLOCK_WORDS);
      compress(state, block);
    }
    // FIPS 180-4 section 5.1.1: the bit 1, zeros, then the length in bits, in one block or two.
    const wholeWords = (end - offset) >> 2;
    loadWords(block, bytes, offset, wholeWords);
    offset += wholeWords << 2;
    let last = 0x80 << 24;
    for (let i = end - offset - 1; i >= 0; i--) last = ((bytes[offset + i] as number) << 24) | (last >>> 8);
    block[wholeWords] = last;
    for (let i = wholeWords + 1; i < BLOCK_WORDS; i++) block[i] = 0;
    if (wholeWords >= BLOCK_WORDS - 2) {
      compress(state, block);
      for (let i = 0; i < BLOCK_WORDS; i++) block[i] = 0;
    }
    block[15] = (BLOCK_BYTES + end) << 3;
    compress(state, block);

    for (let i = 0; i < STATE_WORDS; i++) {
      block[i] = at(state, i);
      state[i] = at(key, STATE_WORDS + i);
    }
    block[8] = 0x80 << 24;
    for (let i = 9; i < 15; i++) block[i] = 0;
    block[15] = OUTER_MESSAGE_BITS;
    compress(state, block);
  }

  /** Writes the first 16 bytes of the last computed code. */
  writeTag(out: Uint8Array, offset: number): void {
    for (let i = 0; i < 4; i++) writeU32(out, offset + (i << 2), at(this.#state, i));
  }

  /** True when 16 bytes at `offset` are the first 16 of the last computed code. Takes the same time either way. */
  isTagAt(bytes: Uint8Array, offset: number): boolean {
    let difference = 0;
    for (let i = 0; i < 4; i++) difference |= at(this.#state, i) ^ readWord(bytes, offset + (i << 2));
    return difference === 0;
  }

  /** The last computed code, all 32 bytes, as a new array. */
  digest(): Uint8Array {
    const out = new Uint8Array(STATE_WORDS << 2);
    for (let i = 0; i < STATE_WORDS; i++) writeU32(out, i << 2, at(this.#state, i));
    return out;
  }

  /** RFC 2104: the key, filled up with zeros to a block, under each of the two pads. `words` is not the block itself. */
  #prepare(words: Int32Array, count: number): void {
    const block = this.#block;
    const state = this.#padded;
    for (let half = 0; half < preparedKeyWords; half += STATE_WORDS) {
      const pad = half === 0 ? INNER_PAD : OUTER_PAD;
      for (let i = 0; i < count; i++) block[i] = at(words, i) ^ pad;
      for (let i = count; i < BLOCK_WORDS; i++) block[i] = pad;
      for (let i = 0; i < STATE_WORDS; i++) state[i] = at(INITIAL_STATE, i);
      compress(state, block);
      for (let i = 0; i < STATE_WORDS; i++) this.#key[half + i] = at(state, i);
    }
  }
}

// The index is always below the fixed length of the array, so the value is there; the assertion spares the
// hot path a branch.
function at(words: Int32Array, index: number): number {
  return words[index] as number;
}

// The caller checked that four bytes are there.
function readWord(bytes: Uint8Array, offset: number): number {
  return (
    ((bytes[offset] as number) << 24) |
    ((bytes[offset + 1] as number) << 16) |
    ((bytes[offset + 2] as number) << 8) |
    (bytes[offset + 3] as number)
  );
}

function loadWords(words: Int32Array, bytes: Uint8Array, offset: number, count: number): void {
  for (let i = 0; i < count; i++) words[i] = readWord(bytes, offset + (i << 2));
}
