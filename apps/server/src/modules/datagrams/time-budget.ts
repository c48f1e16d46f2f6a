/**
 * A share of each window of time. Whoever has used it up waits for the next window, so that one kind of work leaves
 * time for the others however much of it arrives.
 */
export class TimeBudget {
  readonly #windowMs: number;
  readonly #shareMs: number;
  #windowEndsAtMs = 0;
  #spentMs = 0;

  constructor(options: { readonly windowMs: number; readonly share: number }) {
    this.#windowMs = options.windowMs;
    this.#shareMs = options.windowMs * options.share;
  }

  /** True when work may begin now. */
  hasTimeAt(nowMs: number): boolean {
    if (!(nowMs < this.#windowEndsAtMs)) {
      this.#windowEndsAtMs = nowMs + this.#windowMs;
      this.#spentMs = 0;
    }
    return this.#spentMs < this.#shareMs;
  }

  /** How long until there is time for sure. */
  waitMsAt(nowMs: number): number {
    return Math.max(0, this.#windowEndsAtMs - nowMs);
  }

  spend(ms: number): void {
    this.#spentMs += ms;
  }
}
