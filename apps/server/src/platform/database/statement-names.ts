/** A text that was asked this often will be asked again. */
const USES_BEFORE_NAME = 5;

export interface StatementNameLimits {
  /** Each open connection keeps one plan for each name. */
  readonly maxNames: number;
  /** Texts that are counted until they have a name. */
  readonly maxCounted: number;
}

const DEFAULT_LIMITS: StatementNameLimits = { maxNames: 200, maxCounted: 1_000 };

/**
 * Names for statements that come again and again: under a name the database reads a statement once for each connection, and after
 * some uses keeps one plan for all values where that is as good; planning a short statement costs more than what it does. Bounded, because texts that differ by how many values
 * they have are many; what has no name is planned each time.
 */
export class StatementNames {
  readonly #limits: StatementNameLimits;
  readonly #uses = new Map<string, number>();
  readonly #names = new Map<string, string>();

  constructor(limits = DEFAULT_LIMITS) {
    this.#limits = limits;
  }

  /** The name of a statement from its fifth use on; undefined while it has none. */
  nameOf(text: string): string | undefined {
    const name = this.#names.get(text);
    if (name !== undefined || this.#names.size >= this.#limits.maxNames) return name;
    const uses = (this.#uses.get(text) ?? 0) + 1;
    if (uses < USES_BEFORE_NAME) {
      // What comes again and again is soon counted anew.
      if (this.#uses.size >= this.#limits.maxCounted && !this.#uses.has(text)) this.#uses.clear();
      this.#uses.set(text, uses);
      return undefined;
    }
    this.#uses.delete(text);
    const given = `h${this.#names.size + 1}`;
    this.#names.set(text, given);
    return given;
  }
}
