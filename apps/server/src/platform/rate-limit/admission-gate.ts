export interface GateSettings {
  /** How many may be at work at once. */
  readonly maxRunning: number;
  /** How many more may wait for their turn. */
  readonly maxWaiting: number;
}

/**
 * Lets a bounded number in at once and a bounded number wait, first come first served. It keeps one kind of work from
 * taking all connections of the database at once.
 */
export class AdmissionGate {
  readonly #settings: GateSettings;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(settings: GateSettings) {
    this.#settings = settings;
  }

  /**
   * Resolves with the function that leaves the gate (once; later calls do nothing), or with `undefined` at once when
   * too many wait already.
   */
  async enter(): Promise<(() => void) | undefined> {
    if (this.#running >= this.#settings.maxRunning) {
      if (this.#waiting.length >= this.#settings.maxWaiting) return undefined;
      // Whoever leaves hands its place over, so that the count of running does not change in between.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    };
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.length;
  }
}
