import { HttpError } from './http.errors.ts';

/** Each holds a connection with what its receiver has read ahead, some 64 KiB. */
const MAX_PAUSED = 500;

/**
 * Lets a caller who came too often wait for the refusal. Its connection is not read meanwhile, so one that asks again at
 * once on each of its connections costs a few refusals a second and not thousands, each with a body to throw away.
 */
export class RefusalPacer {
  readonly #pauseMs: number;
  readonly #pauses = new Map<NodeJS.Timeout, () => void>();

  constructor(pauseMs: number) {
    this.#pauseMs = pauseMs;
  }

  /** Calls `done` with the refusal, at once unless it is one that asks to come later. */
  finish(done: (refusal?: Error) => void, refusal: Error | undefined): void {
    const asksToWait = refusal instanceof HttpError && refusal.retryAfterMs !== undefined;
    if (!asksToWait || this.#pauseMs === 0 || this.#pauses.size >= MAX_PAUSED) return done(refusal);
    const answer = (): void => done(refusal);
    const timer = setTimeout(() => {
      this.#pauses.delete(timer);
      answer();
    }, this.#pauseMs);
    this.#pauses.set(timer, answer);
  }

  /** Nobody is kept waiting by a server that stops. */
  close(): void {
    for (const [timer, answer] of this.#pauses) {
      clearTimeout(timer);
      answer();
    }
    this.#pauses.clear();
  }
}
