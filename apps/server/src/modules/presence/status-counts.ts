import { statusCode } from './presence-code.ts';

/** How many products have each status. */
export class StatusCounts {
  readonly #counts = new Int32Array(16);

  add(code: number, difference: 1 | -1): void {
    this.#counts[code] = (this.#counts[code] ?? 0) + difference;
  }

  list(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const [status, code] of Object.entries(statusCode)) counts[status] = this.#counts[code] ?? 0;
    return counts;
  }
}
