import { judgeEnd, judgeFile } from './outcome.mjs';
import { TestProcess } from './test-process.mjs';

/** Runs one file after the other: those that may share a process in one that it keeps, others each in one of their own. */
export class Lane {
  #place;
  #options;
  #kept;

  constructor(place, options) {
    this.#place = place;
    this.#options = options;
  }

  async run(file) {
    const startedAt = performance.now();
    const outcome = file.isShared ? await this.#runShared(file) : await this.#runAlone(file);
    return { ...outcome, durationMs: performance.now() - startedAt };
  }

  async #runAlone({ path, limitSeconds }) {
    const own = new TestProcess(this.#place, this.#options);
    const { records, ending, output } = await own.run(path, limitSeconds);
    const last = ending.isAlive ? await own.end(limitSeconds) : ending;
    const hasLeftovers = ending.hasLeftovers || last.hasLeftovers;
    return { ...judgeFile(path, records, ending.code === 0 ? last : ending), output, hasLeftovers };
  }

  async #runShared({ path, limitSeconds }) {
    this.#kept ??= { shared: new TestProcess(this.#place, this.#options), files: [] };
    const { shared, files } = this.#kept;
    const { records, ending, output } = await shared.run(path, limitSeconds);
    const outcome = { ...judgeFile(path, records, ending), output, hasLeftovers: ending.hasLeftovers };
    if (outcome.failures.length === 0) {
      files.push(path);
      return outcome;
    }
    // What a failure has left in the process shall not be met by another file.
    this.#kept = undefined;
    if (ending.isAlive) await shared.end(limitSeconds);
    return { ...outcome, companions: files };
  }

  /** Ends the process that it keeps. @returns what came to light only now, which no single file can be blamed for. */
  async end(limitSeconds) {
    if (this.#kept === undefined) return undefined;
    const { shared, files } = this.#kept;
    const ending = await shared.end(limitSeconds);
    return judgeEnd(files, ending);
  }
}
