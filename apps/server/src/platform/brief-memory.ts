import type { Clock } from '@holdfast/kernel';

const MAX_KEPT = 100;

interface Kept<Value> {
  readonly answer: Promise<Value>;
  answeredAtMs: number | undefined;
}

/**
 * Remembers the outcomes of costly questions for a short time. While one is being answered, everybody who asks the same waits
 * for that answer, so that many open consoles cost one count.
 */
export class BriefMemory<Value> {
  readonly #clock: Clock;
  readonly #maxAgeMs: number;
  readonly #kept = new Map<string, Kept<Value>>();

  constructor(clock: Clock, maxAgeMs: number) {
    this.#clock = clock;
    this.#maxAgeMs = maxAgeMs;
  }

  /** @param isWorthKeeping false for an answer that is cheap to get again: it is forgotten at once */
  async recall(
    key: string,
    ask: () => Promise<Value>,
    isWorthKeeping: (value: Value) => boolean,
  ): Promise<Value> {
    const kept = this.#kept.get(key);
    if (kept !== undefined && this.#isGood(kept)) return await kept.answer;
    const entry: Kept<Value> = { answeredAtMs: undefined, answer: ask() };
    this.#kept.delete(key);
    this.#kept.set(key, entry);
    if (this.#kept.size > MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value ?? '');
    try {
      const value = await entry.answer;
      entry.answeredAtMs = this.#clock.monotonic();
      if (!isWorthKeeping(value)) this.#forget(key, entry);
      return value;
    } catch (error) {
      this.#forget(key, entry);
      throw error;
    }
  }

  /** Whoever asks from now on gets a new answer. */
  forgetAll(): void {
    this.#kept.clear();
  }

  /** An answer ages from when it came; one that is still to come is always waited for. */
  #isGood({ answeredAtMs }: Kept<Value>): boolean {
    return answeredAtMs === undefined || this.#clock.monotonic() - answeredAtMs < this.#maxAgeMs;
  }

  #forget(key: string, entry: object): void {
    if (this.#kept.get(key) === entry) this.#kept.delete(key);
  }
}
