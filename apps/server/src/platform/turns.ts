/** Work in turns: of one key one thing after the other, of different keys beside each other. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Does the work when everything is done that was asked for the same key before, however that ended. */
  async take<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(key);
    const turn = before === undefined ? work() : before.then(work);
    const ended = turn.catch(() => {}); // Its failure is its caller's.
    this.#last.set(key, ended);
    try {
      return await turn;
    } finally {
      if (this.#last.get(key) === ended) this.#last.delete(key);
    }
  }
}
