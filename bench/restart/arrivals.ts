/** What arrives at the server, by second after its return. */
export class Arrivals {
  readonly #perSecond: number[] = [];

  record(secondsAfterReturn: number, count = 1): void {
    const second = Math.floor(secondsAfterReturn);
    while (this.#perSecond.length <= second) this.#perSecond.push(0);
    this.#perSecond[second] = (this.#perSecond[second] ?? 0) + count;
  }

  /** Whole seconds from one to before another. */
  between(from: number, to: number): readonly number[] {
    return Array.from({ length: to - from }, (_, place) => this.#perSecond[from + place] ?? 0);
  }
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function peakOf(values: readonly number[]): number {
  return values.reduce((peak, value) => Math.max(peak, value), 0);
}

const barWidth = 50;

/** One line for each bucket: arrivals per second in its mean and at its peak, and a bar as long as the peak. */
export function drawCurve(arrivals: Arrivals, seconds: number, bucketSeconds: number): string {
  const highest = peakOf(arrivals.between(0, seconds));
  const lines: string[] = [];
  for (let from = 0; from < seconds; from += bucketSeconds) {
    const bucket = arrivals.between(from, Math.min(seconds, from + bucketSeconds));
    const bar = '#'.repeat(Math.round((barWidth * peakOf(bucket)) / Math.max(1, highest)));
    lines.push(
      `  ${String(from).padStart(5)} s  ${String(Math.round(meanOf(bucket))).padStart(7)}/s  peak ${String(peakOf(bucket)).padStart(7)}/s  ${bar}`,
    );
  }
  return `${lines.join('\n')}\n`;
}
