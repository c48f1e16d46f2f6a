import type { KeyObject } from 'node:crypto';

// FIPS 180-4 section 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes.
const ROUND_CONSTANTS = Int32Array.of(
  0x428a2f98,
  0x71374491,
  0xb5c0fbcf,
  0xe9b5dba5,
  0x3956c25b,
  0x59f111f1,
  0x923f82a4,
  0xab1c5ed5,
  0xd807aa98,
  0x12835b01,
  0x243185be,
  0x550c7dc3,
  0x72be5d74,
  0x80deb1fe,
  0x9bdc06a7,
  0xc19bf174,
  0xe49b69c1,
  0xefbe4786,
  0x0fc19dc6,
  0x240ca1cc,
  0x2de92c6f,
  0x4a7484aa,
  0x5cb0a9dc,
  0x76f988da,
  0x983e5152,
  0xa831c66d,
  0xb00327c8,
  0xbf597fc7,
  0xc6e00bf3,
  0xd5a79147,
  0x06ca6351,
  0x14292967,
  0x27b70a85,
  0x2e1b2138,
  0x4d2c6dfc,
  0x53380d13,
  0x650a7354,
  0x766a0abb,
  0x81c2c92e,
  0x92722c85,
  0xa2bfe8a1,
  0xa81a664b,
  0xc24b8b70,
  0xc76c51a3,
  0xd192e819,
  0xd6990624,
  0xf40e3585,
  0x106aa070,
  0x19a4c116,
  0x1e376c08,
  0x2748774c,
  0x34b0bcb5,
  0x391c0cb3,
  0x4ed8aa4a,
  0x5b9cca4f,
  0x682e6ff3,
  0x748f82ee,
  0x78a5636f,
  0x84c87814,
  0x8cc70208,
  0x90befffa,
  0xa4506ceb,
  0xbef9a3f7,
  0xc67178f2,
);

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
const INNER_PAD = 0x36363636;
const OUTER_PAD = 0x5c5c5c5c;
/** Bits of one padded key block and one digest: the length field of every outer hash. */
const OUTER_MESSAGE_BITS = (BLOCK_BYTES + 32) * 8;

/** Number of bytes of a message authentication code on the wire: HMAC-SHA-256 cut to 128 bits. */
export const macBytes = 16;

/**
 * HMAC-SHA-256 (RFC 2104, FIPS 198-1) for many short messages, each under another key.
 *
 * Why not `node:crypto`: a heartbeat costs three MACs (derive the product's key, verify, seal the
 * acknowledgement) and each `createHmac` call costs about 4 µs with a `KeyObject`, plus the making of that
 * `KeyObject` for the derived key. Measured on Node 24.21 for one heartbeat of 56 bytes: about 13 µs with
 * `createHmac`, about 10 µs with a cache of derived `KeyObject`s that always hits, about 4 µs here, and
 * here nothing is allocated and nothing grows with the number of products. The whole hash of a short
 * message is four compressions, so the cost of crossing into native code is what counts, not its speed.
 *
 * Constant time: there is no branch and no table index that depends on key, message content or code; the
 * round constants are indexed by the round alone. Lengths are public. All values are 32-bit integers, which a
 * 64-bit V8 never boxes.
 *
 * The instance is a working area: not shared between threads, and not re-entrant (it never yields).
 */
export class HmacSha256 {
  readonly #inner = new Int32Array(8);
  readonly #outer = new Int32Array(8);
  readonly #state = new Int32Array(8);
  readonly #schedule = new Int32Array(64);

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
    const block = new Uint8Array(BLOCK_BYTES);
    block.set(key);
    const words = this.#schedule;
    loadBlock(words, block, 0);
    const keyWords = words.slice(0, 16);
    for (let i = 0; i < 16; i++) words[i] = at(keyWords, i) ^ INNER_PAD;
    this.#inner.set(INITIAL_STATE);
    compress(this.#inner, words);
    for (let i = 0; i < 16; i++) words[i] = at(keyWords, i) ^ OUTER_PAD;
    this.#outer.set(INITIAL_STATE);
    compress(this.#outer, words);
    block.fill(0);
    keyWords.fill(0);
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
    const words = this.#schedule;
    const key = source.#state;
    for (let i = 0; i < 8; i++) words[i] = at(key, i) ^ INNER_PAD;
    words.fill(INNER_PAD, 8, 16);
    this.#inner.set(INITIAL_STATE);
    compress(this.#inner, words);
    for (let i = 0; i < 8; i++) words[i] = at(key, i) ^ OUTER_PAD;
    words.fill(OUTER_PAD, 8, 16);
    this.#outer.set(INITIAL_STATE);
    compress(this.#outer, words);
  }

  /** Computes the code of `bytes[0, end)` and keeps it until the next computation. */
  compute(bytes: Uint8Array, end: number): void {
    const state = this.#state;
    const words = this.#schedule;
    state.set(this.#inner);
    let offset = 0;
    for (; offset + BLOCK_BYTES <= end; offset += BLOCK_BYTES) {
      loadBlock(words, bytes, offset);
      compress(state, words);
    }
    // FIPS 180-4 section 5.1.1: the bit 1, zeros, then the length in bits, in one block or two.
    for (let i = 0; i < 16; i++) words[i] = 0;
    let position = 0;
    for (; offset < end; offset++, position++) {
      const word = position >> 2;
      words[word] = at(words, word) | ((bytes[offset] as number) << (24 - ((position & 3) << 3)));
    }
    const word = position >> 2;
    words[word] = at(words, word) | (0x80 << (24 - ((position & 3) << 3)));
    if (position >= BLOCK_BYTES - 8) {
      compress(state, words);
      for (let i = 0; i < 16; i++) words[i] = 0;
    }
    words[15] = (BLOCK_BYTES + end) << 3;
    compress(state, words);

    for (let i = 0; i < 8; i++) words[i] = at(state, i);
    words[8] = 0x80000000 | 0;
    for (let i = 9; i < 15; i++) words[i] = 0;
    words[15] = OUTER_MESSAGE_BITS;
    state.set(this.#outer);
    compress(state, words);
  }

  /** Writes the first 16 bytes of the last computed code. */
  writeTag(out: Uint8Array, offset: number): void {
    for (let i = 0; i < 4; i++) {
      const word = at(this.#state, i);
      const start = offset + (i << 2);
      out[start] = word >>> 24;
      out[start + 1] = word >>> 16;
      out[start + 2] = word >>> 8;
      out[start + 3] = word;
    }
  }

  /** True when 16 bytes at `offset` are the first 16 of the last computed code. Takes the same time either way. */
  isTagAt(bytes: Uint8Array, offset: number): boolean {
    let difference = 0;
    for (let i = 0; i < 4; i++) difference |= at(this.#state, i) ^ readWord(bytes, offset + (i << 2));
    return difference === 0;
  }

  /** The last computed code, all 32 bytes, as a new array. */
  digest(): Uint8Array {
    const out = new Uint8Array(32);
    const view = new DataView(out.buffer);
    for (let i = 0; i < 8; i++) view.setInt32(i << 2, at(this.#state, i));
    return out;
  }
}

// The index is always below the fixed length of the array, so the value is there; the assertion spares the
// hot loop a branch.
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

function loadBlock(words: Int32Array, bytes: Uint8Array, offset: number): void {
  for (let i = 0; i < 16; i++) words[i] = readWord(bytes, offset + (i << 2));
}

/** FIPS 180-4 section 6.2.2 on the block whose 16 words stand at the start of `words`. */
function compress(state: Int32Array, words: Int32Array): void {
  for (let i = 16; i < 64; i++) {
    const x = at(words, i - 15);
    const y = at(words, i - 2);
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    words[i] = (at(words, i - 16) + s0 + at(words, i - 7) + s1) | 0;
  }
  let a = at(state, 0);
  let b = at(state, 1);
  let c = at(state, 2);
  let d = at(state, 3);
  let e = at(state, 4);
  let f = at(state, 5);
  let g = at(state, 6);
  let h = at(state, 7);
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + (g ^ (e & (f ^ g))) + at(ROUND_CONSTANTS, i) + at(words, i)) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) | (c & (a | b)))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] = at(state, 0) + a;
  state[1] = at(state, 1) + b;
  state[2] = at(state, 2) + c;
  state[3] = at(state, 3) + d;
  state[4] = at(state, 4) + e;
  state[5] = at(state, 5) + f;
  state[6] = at(state, 6) + g;
  state[7] = at(state, 7) + h;
}
