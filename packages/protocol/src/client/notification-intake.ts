import { createSecretKey } from 'node:crypto';
import { decodeBase64Url } from '@holdfast/kernel';
import { DatagramError } from '../datagram/datagram.errors.ts';
import type { NotificationContent, NotificationDatagram } from '../datagram/datagram.ts';
import { DatagramKey } from '../datagram/datagram-key.ts';
import type { HandshakeAnswer } from '../messages/handshake.ts';

/** A notification that was proven. */
export interface TakenNotification {
  /** False: it is the last one again, whose acknowledgement may have been lost. It is not acted upon a second time. */
  readonly isNew: boolean;
  readonly content: NotificationContent;
  /** The sealed answer, 56 bytes. */
  readonly acknowledgement: Uint8Array;
}

/**
 * Tells the server's calls of one handshake from everything else, whichever way they came. Invariant: over all ways together
 * each notification is new once, and none is after a later one.
 */
export class NotificationIntake {
  readonly #productNumber: number;
  readonly #epoch: number;
  readonly #key: DatagramKey;
  #lastSequence = 0;

  constructor({ productNumber, heartbeat }: Pick<HandshakeAnswer, 'productNumber' | 'heartbeat'>) {
    // The schema of the answer has checked the length.
    const keyBytes = decodeBase64Url(heartbeat.key) ?? new Uint8Array(0);
    this.#productNumber = productNumber;
    this.#epoch = heartbeat.epoch;
    this.#key = new DatagramKey(createSecretKey(keyBytes));
    keyBytes.fill(0);
  }

  /** `undefined` for bytes that prove nothing; `older` for a notification that another one has overtaken, or that is replayed. */
  take(bytes: Uint8Array): TakenNotification | 'older' | undefined {
    const notification = this.#verify(bytes);
    if (notification === undefined) return undefined;
    if (notification.sequence < this.#lastSequence) return 'older';
    const isNew = notification.sequence > this.#lastSequence;
    this.#lastSequence = notification.sequence;
    const { productNumber, epoch, sequence, nonce, commandsWait, handshakeAgain } = notification;
    return {
      isNew,
      content: { commandsWait, handshakeAgain },
      acknowledgement: this.#key.seal({
        type: 'notification-acknowledgement',
        productNumber,
        epoch,
        sequence,
        nonce,
      }),
    };
  }

  #verify(bytes: Uint8Array): NotificationDatagram | undefined {
    try {
      const datagram = this.#key.verify(bytes);
      const isMine = datagram.productNumber === this.#productNumber && datagram.epoch === this.#epoch;
      return isMine && datagram.type === 'notification' ? datagram : undefined;
    } catch (error) {
      if (error instanceof DatagramError) return undefined;
      throw error;
    }
  }
}
