import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { limits } from '@holdfast/protocol';

/** Probes and the question about them are seconds apart; a slow link may need more. */
const LIFETIME_MS = 60_000;

interface ProbeNote {
  readonly epoch: number;
  seen: number;
  readonly expiresAtMs: number;
}

/**
 * Which UDP probes arrived. Only probes whose code was right are noted, so a stranger adds nothing; each note is
 * forgotten after a minute, so there are never more than handshakes of a minute.
 */
export class ProbeNotes {
  readonly #key: KeyObject;
  readonly #notes = new Map<number, ProbeNote>();

  /** @param key derived under `KeyLabel.probeNonce` */
  constructor(key: KeyObject) {
    this.#key = key;
  }

  get size(): number {
    return this.#notes.size;
  }

  /** The nonce of a product and epoch: computed, so that nothing is kept for products that never probe. */
  nonceFor(productNumber: number, epoch: number): Uint8Array {
    const digest = createHmac('sha256', this.#key).update(`${productNumber}.${epoch}`).digest();
    return new Uint8Array(digest.subarray(0, limits.nonceBytes));
  }

  /**
   * Notes a verified probe.
   *
   * @returns false for a nonce that is not the one of this product and epoch
   */
  record(
    probe: { readonly productNumber: number; readonly epoch: number; readonly nonce: Uint8Array },
    nowMs: number,
  ): boolean {
    const { productNumber, epoch, nonce } = probe;
    if (!timingSafeEqual(this.nonceFor(productNumber, epoch), nonce)) return false;
    this.#forgetExpired(nowMs);
    const note = this.#notes.get(productNumber);
    if (note?.epoch === epoch) note.seen += 1;
    else {
      // Set anew, so that the map stays in the order of expiry.
      this.#notes.delete(productNumber);
      this.#notes.set(productNumber, { epoch, seen: 1, expiresAtMs: nowMs + LIFETIME_MS });
    }
    return true;
  }

  /** How many probes of this epoch arrived within the last minute; the note is used up by asking. */
  take(productNumber: number, epoch: number, nowMs: number): number {
    this.#forgetExpired(nowMs);
    const note = this.#notes.get(productNumber);
    if (note?.epoch !== epoch) return 0;
    this.#notes.delete(productNumber);
    return note.seen;
  }

  #forgetExpired(nowMs: number): void {
    for (const [productNumber, note] of this.#notes) {
      if (note.expiresAtMs > nowMs) return;
      this.#notes.delete(productNumber);
    }
  }
}
