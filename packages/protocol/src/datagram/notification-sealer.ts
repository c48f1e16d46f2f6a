import { type KeyObject, timingSafeEqual } from 'node:crypto';
import { encodeDatagram, type NotificationDatagram, sealedLength } from './datagram.ts';
import { DatagramVerifier } from './datagram-verifier.ts';
import { HeartbeatKeyDerivation } from './heartbeat-key.ts';
import { HmacSha256 } from './hmac-sha256.ts';

/** Answers come one by one from different products: remembering keys saves nothing. */
const CACHED_KEYS = 1;

/** The server's side of notifications: seals them, and knows the one right answer to each. */
export class NotificationSealer {
  readonly #derivation: HeartbeatKeyDerivation;
  readonly #verifier: DatagramVerifier;
  readonly #mac = new HmacSha256();

  /** @param masterKey the server's master heartbeat key, 32 secret bytes */
  constructor(masterKey: KeyObject) {
    this.#derivation = new HeartbeatKeyDerivation(masterKey);
    this.#verifier = new DatagramVerifier(masterKey, CACHED_KEYS);
  }

  /**
   * The 56 bytes to send.
   *
   * @throws RangeError when a field does not fit
   */
  seal(notification: NotificationDatagram): Uint8Array {
    const bytes = encodeDatagram(notification);
    const end = sealedLength(bytes);
    this.#derivation.deriveInto(this.#mac, notification.productNumber, notification.epoch);
    this.#mac.compute(bytes, end);
    this.#mac.writeTag(bytes, end);
    return bytes;
  }

  /** True for the acknowledgement of exactly this notification. */
  isAcknowledgement(bytes: Uint8Array, notification: NotificationDatagram): boolean {
    const verifier = this.#verifier;
    return (
      verifier.verify(bytes) === 'notification-acknowledgement' &&
      verifier.productNumber === notification.productNumber &&
      verifier.epoch === notification.epoch &&
      verifier.sequence === notification.sequence &&
      timingSafeEqual(verifier.copyNonce(), notification.nonce)
    );
  }
}
