/** Buckets per doubling: the error of a percentile stays below 5 %. */
const BUCKETS_PER_DOUBLING = 16;
const MIN_MS = 0.01;
const BUCKETS = 26 * BUCKETS_PER_DOUBLING;

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Counts of durations from 10 µs to about 10 minutes, in a fixed amount of memory. */
export class LatencyHistogram {
  readonly #counts = new Uint32Array(BUCKETS);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  record(durationMs: number): void {
    const bucket = Math.floor(Math.log2(Math.max(1, durationMs / MIN_MS)) * BUCKETS_PER_DOUBLING);
    const kept = Math.min(BUCKETS - 1, bucket);
    this.#counts[kept] = (this.#counts[kept] ?? 0) + 1;
    this.#count++;
  }

  /** Duration that the given share of the recorded ones does not exceed, in milliseconds; 0 when there are none. */
  quantile(share: number): number {
    if (this.#count === 0) return 0;
    const wanted = Math.max(1, Math.ceil(share * this.#count));
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket] ?? 0;
      if (seen >= wanted) return MIN_MS * 2 ** ((bucket + 1) / BUCKETS_PER_DOUBLING);
    }
    return MIN_MS * 2 ** (BUCKETS / BUCKETS_PER_DOUBLING);
  }

  percentiles(): Percentiles {
    return { p50: this.quantile(0.5), p95: this.quantile(0.95), p99: this.quantile(0.99) };
  }

  clear(): void {
    this.#counts.fill(0);
    this.#count = 0;
  }
}
