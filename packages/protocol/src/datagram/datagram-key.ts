import type { KeyObject } from 'node:crypto';
import { type Datagram, decodeDatagram, encodeDatagram, sealedLength } from './datagram.ts';
import { findStructureRefusal } from './datagram-structure.ts';
import { createDatagramError, DatagramRefusal } from './datagram.errors.ts';
import { heartbeatKeyBytes } from './heartbeat-key.ts';
import { HmacSha256 } from './hmac-sha256.ts';

/** A datagram whose code was right under the key at hand. */
export type VerifiedDatagram = Datagram & { readonly verified: true };

/** Seals and verifies datagrams under one product's heartbeat key: the side of the managed product. */
export class DatagramKey {
  readonly #mac = new HmacSha256();

  /** @param key the 32 bytes of the handshake's answer */
  constructor(key: KeyObject) {
    if (key.type !== 'secret' || key.symmetricKeySize !== heartbeatKeyBytes) {
      throw new RangeError(`"key" expected a secret key of ${heartbeatKeyBytes} bytes`);
    }
    this.#mac.setKeyObject(key);
  }

  /**
   * The bytes to send.
   *
   * @throws RangeError when a field does not fit
   */
  seal(datagram: Datagram): Uint8Array {
    const bytes = encodeDatagram(datagram);
    const end = sealedLength(bytes);
    this.#mac.compute(bytes, end);
    this.#mac.writeTag(bytes, end);
    return bytes;
  }

  /**
   * Reads received bytes. The code is checked before anything behind the header is looked at.
   *
   * @throws DatagramError with any of its codes
   */
  verify(bytes: Uint8Array): VerifiedDatagram {
    const refusal = findStructureRefusal(bytes);
    if (refusal !== undefined) throw createDatagramError(refusal);
    const end = sealedLength(bytes);
    this.#mac.compute(bytes, end);
    if (!this.#mac.isTagAt(bytes, end)) throw createDatagramError(DatagramRefusal.mac);
    return { ...decodeDatagram(bytes), verified: true };
  }
}
