/** What has been started, to be ended in the opposite order, each within its time. */
export class StopList {
  readonly #parts: { readonly name: string; readonly stop: () => Promise<void> }[] = [];
  #running: Promise<void> | undefined;

  add(name: string, stop: () => Promise<void>): void {
    this.#parts.push({ name, stop });
  }

  /**
   * Ends everything, also when a part fails or takes too long: what comes after it is ended all the same. A second call
   * waits for the first.
   */
  async run(
    onFailure: (name: string, error: unknown) => void = () => {},
    partLimitMs = 10_000,
  ): Promise<void> {
    this.#running ??= this.#runOnce(onFailure, partLimitMs);
    await this.#running;
  }

  async #runOnce(onFailure: (name: string, error: unknown) => void, partLimitMs: number): Promise<void> {
    for (let part = this.#parts.pop(); part !== undefined; part = this.#parts.pop()) {
      try {
        await within(partLimitMs, part.stop());
      } catch (error) {
        onFailure(part.name, error);
      }
    }
  }
}

async function within(limitMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${limitMs} ms`)), limitMs);
  });
  try {
    await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
