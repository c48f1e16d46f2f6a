/**
 * Nonces that were used, until they would be refused for their age anyway. Only nonces of verified assertions come in
 * here, and challenges are limited in number, so the list stays short; beyond its bound nothing is accepted, because
 * forgetting one would let it be used again.
 */
export class UsedNonces {
  readonly #max: number;
  readonly #expiryOf = new Map<string, number>();

  constructor(max = 500_000) {
    this.#max = max;
  }

  get size(): number {
    return this.#expiryOf.size;
  }

  /** @returns false when the nonce was used before, or when no more can be remembered */
  add(nonce: string, expiresAtMs: number, nowMs: number): boolean {
    if (this.#expiryOf.size >= this.#max) this.#forgetExpired(nowMs);
    if (this.#expiryOf.has(nonce) || this.#expiryOf.size >= this.#max) return false;
    this.#expiryOf.set(nonce, expiresAtMs);
    // Removing a few at a time keeps the list short without ever walking all of it.
    this.#forgetExpired(nowMs, 4);
    return true;
  }

  #forgetExpired(nowMs: number, maxSteps = Number.POSITIVE_INFINITY): void {
    let steps = 0;
    for (const [nonce, expiresAtMs] of this.#expiryOf) {
      if (expiresAtMs > nowMs || steps >= maxSteps) return;
      this.#expiryOf.delete(nonce);
      steps += 1;
    }
  }
}
