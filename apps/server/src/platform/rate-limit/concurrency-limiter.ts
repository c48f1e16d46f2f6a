export interface ConcurrencyLimits {
  /** How many may be at work at once. */
  readonly maxRunning: number;
  /** How many more may wait for their turn. */
  readonly maxWaiting: number;
}

/**
 * Lets a bounded number in at once and a bounded number wait, first come first served. It keeps one kind of work from
 * taking all connections of the database at once.
 */
export class ConcurrencyLimiter {
  readonly #settings: ConcurrencyLimits;
  /** In the order in which they came. */
  readonly #waiting = new Set<(isInside: boolean) => void>();
  #running = 0;

  constructor(settings: ConcurrencyLimits) {
    this.#settings = settings;
  }

  /**
   * Resolves with the function that leaves the limiter (once; later calls do nothing), or with `undefined`: at once when
   * too many wait already, or when whoever waits goes away.
   *
   * @param whenGone told, only when it has to wait, what to call when nobody is there any more to have the turn
   */
  async enter(whenGone: (drop: () => void) => void = () => {}): Promise<(() => void) | undefined> {
    if (this.#running >= this.#settings.maxRunning) {
      if (this.#waiting.size >= this.#settings.maxWaiting) return undefined;
      const isInside = await new Promise<boolean>((resolve) => {
        this.#waiting.add(resolve);
        whenGone(() => {
          if (this.#waiting.delete(resolve)) resolve(false);
        });
      });
      if (!isInside) return undefined;
    } else {
      this.#running += 1;
    }
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      const [next] = this.#waiting;
      if (next === undefined) this.#running -= 1;
      else {
        // Whoever leaves hands its place over, so that the count of running does not change in between.
        this.#waiting.delete(next);
        next(true);
      }
    };
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.size;
  }
}
