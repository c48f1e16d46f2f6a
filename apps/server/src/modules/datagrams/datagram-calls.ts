import { timingSafeEqual } from 'node:crypto';
import type { NotificationDatagram } from '@holdfast/protocol';
import type { Endpoint } from './udp-sockets.ts';

/** A notification acknowledgement whose code was right; valid during the call only. */
interface ReceivedAcknowledgement {
  readonly productNumber: number;
  readonly epoch: number;
  readonly sequence: number;
  copyNonce(): Uint8Array;
}

interface DatagramCall {
  readonly notification: NotificationDatagram;
  readonly end: (isAcknowledged: boolean) => void;
}

type SendDatagram = (bytes: Uint8Array, port: number, address: string) => void;

/** The notification is sent so often, with such pauses; after the last one it is given up. */
export const SENDINGS = 3;
export const PAUSE_MS = 1_000;

/** Notifications by UDP that wait for their acknowledgement. One for each product at most. */
export class DatagramCalls {
  readonly #send: SendDatagram;
  readonly #pauseMs: number;
  readonly #calls = new Map<number, DatagramCall>();

  constructor(send: SendDatagram, pauseMs: number = PAUSE_MS) {
    this.#send = send;
    this.#pauseMs = pauseMs;
  }

  get count(): number {
    return this.#calls.size;
  }

  /** Sends, again and again, until it is acknowledged or given up. */
  call(notification: NotificationDatagram, bytes: Uint8Array, to: Endpoint): Promise<boolean> {
    return new Promise((resolve) => {
      const { productNumber } = notification;
      let timer: NodeJS.Timeout | undefined;
      const end = (isAcknowledged: boolean): void => {
        clearTimeout(timer);
        if (this.#calls.get(productNumber) === call) this.#calls.delete(productNumber);
        resolve(isAcknowledged);
      };
      const call: DatagramCall = { notification, end };
      this.#calls.get(productNumber)?.end(false);
      this.#calls.set(productNumber, call);
      const attempt = (left: number): void => {
        if (left === 0) return end(false);
        this.#send(bytes, to.port, to.address);
        timer = setTimeout(attempt, this.#pauseMs, left - 1);
      };
      attempt(SENDINGS);
    });
  }

  /** False for an answer to something that nobody waits for any more. */
  takeAcknowledgement(received: ReceivedAcknowledgement): boolean {
    const call = this.#calls.get(received.productNumber);
    if (call === undefined) return false;
    const { epoch, sequence, nonce } = call.notification;
    if (received.epoch !== epoch || received.sequence !== sequence) return false;
    if (!timingSafeEqual(received.copyNonce(), nonce)) return false;
    call.end(true);
    return true;
  }

  /** A new handshake has made the notification under way worthless. */
  end(productNumber: number): void {
    this.#calls.get(productNumber)?.end(false);
  }

  stop(): void {
    for (const call of [...this.#calls.values()]) call.end(false);
  }
}
