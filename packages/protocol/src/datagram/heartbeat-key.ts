import type { KeyObject } from 'node:crypto';
import { limits } from '../limits.ts';
import { HmacSha256 } from './hmac-sha256.ts';
import { writeU32, writeU64 } from './wire-integer.ts';

const LABEL = 'holdfast heartbeat v1';
const LABEL_OFFSET = 4;
const PRODUCT_NUMBER_OFFSET = LABEL_OFFSET + LABEL.length + 1;
const EPOCH_OFFSET = PRODUCT_NUMBER_OFFSET + 8;
const INFO_BYTES = EPOCH_OFFSET + 4 + 4;

/** Number of bytes of a heartbeat key. */
export const heartbeatKeyBytes = 32;

/**
 * Derives the heartbeat key of a product and epoch from the server's master heartbeat key: NIST SP 800-108r1,
 * KDF in counter mode, PRF HMAC-SHA-256, one block. The server so keeps no table of keys, and a key of one
 * product or epoch says nothing about another.
 *
 * Input of the PRF, 42 bytes: counter u32 1 ‖ "holdfast heartbeat v1" ‖ 0x00 ‖ product number u64 ‖ epoch u32 ‖
 * length in bits u32 256.
 */
export class HeartbeatKeyDerivation {
  readonly #master = new HmacSha256();
  readonly #info = new Uint8Array(INFO_BYTES);

  /** @param masterKey 32 secret bytes */
  constructor(masterKey: KeyObject) {
    if (masterKey.type !== 'secret' || masterKey.symmetricKeySize !== heartbeatKeyBytes) {
      throw new RangeError(`"masterKey" expected a secret key of ${heartbeatKeyBytes} bytes`);
    }
    this.#master.setKeyObject(masterKey);
    writeU32(this.#info, 0, 1);
    this.#info.set(Buffer.from(LABEL, 'latin1'), LABEL_OFFSET);
    writeU32(this.#info, INFO_BYTES - 4, heartbeatKeyBytes * 8);
  }

  /** Makes `target` compute codes under the key of this product and epoch. */
  deriveInto(target: HmacSha256, productNumber: number, epoch: number): void {
    this.#compute(productNumber, epoch);
    target.setKeyFromDigestOf(this.#master);
  }

  /**
   * The key itself, for the answer of a handshake.
   *
   * @throws RangeError when product number or epoch is out of range
   */
  deriveKey(productNumber: number, epoch: number): Uint8Array {
    if (
      !(Number.isInteger(productNumber) && productNumber >= 1 && productNumber <= limits.maxProductNumber)
    ) {
      throw new RangeError(`"productNumber" expected 1 to 2^53-1, got ${productNumber}`);
    }
    if (!(Number.isInteger(epoch) && epoch >= 1 && epoch <= limits.maxEpoch)) {
      throw new RangeError(`"epoch" expected 1 to 2^32-1, got ${epoch}`);
    }
    this.#compute(productNumber, epoch);
    return this.#master.digest();
  }

  #compute(productNumber: number, epoch: number): void {
    writeU64(this.#info, PRODUCT_NUMBER_OFFSET, productNumber);
    writeU32(this.#info, EPOCH_OFFSET, epoch);
    this.#master.compute(this.#info, INFO_BYTES);
  }
}
