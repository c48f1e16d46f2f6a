import { type HmacSha256, preparedKeyWords } from './hmac-sha256.ts';

/**
 * Prepared heartbeat keys of products that were heard lately; spares half of the hashing of a heartbeat. It has a
 * fixed number of places, found by the product number, and no list: product numbers are dense, so a fleet up to the
 * number of places fits without a collision, and of a larger one the newest stay. The memory (76 bytes a place) is
 * reserved at once but taken from the system only as places are used.
 *
 * Invariant: only a key that has verified a datagram comes in, so junk cannot push out the keys of real products. What
 * is in here is derived anew at any time; nothing depends on it but speed.
 */
export class HeartbeatKeyCache {
  readonly #mask: number;
  readonly #keys: Int32Array;
  readonly #productNumbers: Float64Array;
  readonly #epochs: Uint32Array;

  /** @param places a power of two */
  constructor(places: number) {
    if (!(Number.isInteger(Math.log2(places)) && places >= 1 && places <= 2 ** 24)) {
      throw new RangeError(`"places" expected a power of two up to 2^24, got ${places}`);
    }
    this.#mask = places - 1;
    this.#keys = new Int32Array(places * preparedKeyWords);
    this.#productNumbers = new Float64Array(places);
    this.#epochs = new Uint32Array(places);
  }

  /** Sets the key of this product and epoch into `target`, when it is here. */
  load(target: HmacSha256, productNumber: number, epoch: number): boolean {
    // A number beyond 32 bits is cut to its low 32 bits first, which is a place as good as any.
    const place = productNumber & this.#mask;
    if (this.#productNumbers[place] !== productNumber || this.#epochs[place] !== epoch) return false;
    target.setPreparedKey(this.#keys, place * preparedKeyWords);
    return true;
  }

  /** Keeps the key that `source` has, in the place of whatever was there. */
  keep(source: HmacSha256, productNumber: number, epoch: number): void {
    const place = productNumber & this.#mask;
    this.#productNumbers[place] = productNumber;
    this.#epochs[place] = epoch;
    source.copyPreparedKey(this.#keys, place * preparedKeyWords);
  }
}
