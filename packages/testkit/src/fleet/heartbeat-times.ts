import { LatencyHistogram, type Percentiles } from './latency-histogram.ts';

/** How long heartbeats wait for their acknowledgement, from their first sending; one heartbeat of each product at a time. */
export class HeartbeatTimes {
  /** 0: no heartbeat waits. */
  readonly #sentAtMs: Float64Array;
  readonly #lately = new LatencyHistogram();
  readonly #all = new LatencyHistogram();

  constructor(count: number) {
    this.#sentAtMs = new Float64Array(count);
  }

  begin(index: number, nowMs: number): void {
    this.#sentAtMs[index] = nowMs;
  }

  /** False for a heartbeat that was acknowledged before. */
  end(index: number, nowMs: number): boolean {
    const sentAtMs = this.#sentAtMs[index] ?? 0;
    if (sentAtMs === 0) return false;
    this.#sentAtMs[index] = 0;
    this.#lately.record(nowMs - sentAtMs);
    this.#all.record(nowMs - sentAtMs);
    return true;
  }

  describe(): { readonly latencyMs: Percentiles; readonly allLatencyMs: Percentiles } {
    return { latencyMs: this.#lately.percentiles(), allLatencyMs: this.#all.percentiles() };
  }

  /** The next description of the latest ones begins anew. */
  forgetLatest(): void {
    this.#lately.clear();
  }
}
