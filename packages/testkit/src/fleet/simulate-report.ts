import type { FleetSnapshot } from './fleet-snapshot.ts';
import type { Phase } from './product-state.ts';

/** One second of a run, or its whole. */
export interface SimulateReport {
  readonly event: 'registering' | 'running' | 'summary';
  /** Since this part of the run began. */
  readonly seconds: number;
  readonly products: Readonly<Partial<Record<Phase, number>>>;
  readonly registeredPerSecond: number;
  /** Until all are registered, at the rate so far; only while there is one. */
  readonly remainingSeconds?: number;
  readonly heartbeatsPerSecond: number;
  readonly acknowledgedPerSecond: number;
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number };
  readonly counts: FleetSnapshot['counts'];
  readonly errors: Readonly<Record<string, number>>;
  readonly waitingCalls: number;
  readonly intervalMs: number;
  readonly residentMiB: number;
  /** Processor time of the simulator since it started. */
  readonly processorSeconds: number;
}

/**
 * What happened between two snapshots.
 *
 * @param span.seconds between them; the rates are by this
 */
export function describeProgress(
  event: SimulateReport['event'],
  before: FleetSnapshot | undefined,
  now: FleetSnapshot,
  span: {
    readonly seconds: number;
    readonly totalSeconds: number;
    readonly residentBytes: number;
    readonly processorSeconds: number;
  },
): SimulateReport {
  const rate = (name: 'registered' | 'heartbeats' | 'acknowledged'): number =>
    round((now.counts[name] - (before?.counts[name] ?? 0)) / Math.max(0.001, span.seconds));
  const products = Object.entries(now.products).filter(([, count]) => count > 0);
  const left = now.products.off + now.products.registering;
  const overall = now.counts.registered / Math.max(0.001, span.totalSeconds);
  const latency = event === 'summary' ? now.allLatencyMs : now.latencyMs;
  return {
    event,
    seconds: round(span.totalSeconds),
    products: Object.fromEntries(products),
    registeredPerSecond: rate('registered'),
    ...(event === 'registering' && overall > 0 ? { remainingSeconds: Math.ceil(left / overall) } : {}),
    heartbeatsPerSecond: rate('heartbeats'),
    acknowledgedPerSecond: rate('acknowledged'),
    latencyMs: { p50: round(latency.p50), p95: round(latency.p95), p99: round(latency.p99) },
    counts: now.counts,
    errors: now.errors,
    waitingCalls: now.waitingCalls,
    intervalMs: now.intervalMs,
    residentMiB: Math.round(span.residentBytes / 2 ** 20),
    processorSeconds: round(span.processorSeconds),
  };
}

/** The same for people: one line, or the block at the end. */
export function formatReport(report: SimulateReport): string {
  const { latencyMs } = report;
  const products = listOf(report.products);
  const latency = `p50 ${latencyMs.p50} ms  p95 ${latencyMs.p95} ms  p99 ${latencyMs.p99} ms`;
  const errors = Object.keys(report.errors).length === 0 ? '' : `  | refused: ${listOf(report.errors)}`;
  switch (report.event) {
    case 'registering': {
      const remaining =
        report.remainingSeconds === undefined ? '' : `  about ${formatSeconds(report.remainingSeconds)} left`;
      return `${formatSeconds(report.seconds)}  ${products}  | ${group(report.registeredPerSecond)} registered/s${remaining}${errors}\n`;
    }
    case 'running':
      return `${formatSeconds(report.seconds)}  ${products}  | sent ${group(report.heartbeatsPerSecond)}/s  acknowledged ${group(report.acknowledgedPerSecond)}/s  ${latency}${errors}\n`;
    case 'summary':
      return [
        '',
        `Ran ${formatSeconds(report.seconds)}, at last: ${products}`,
        `Heartbeats: ${group(report.counts.heartbeats)} sent (${group(report.heartbeatsPerSecond)}/s), ${group(report.counts.acknowledged)} acknowledged, ${group(report.counts.heartbeatsRepeated)} repeated, ${group(report.counts.heartbeatsByHttps)} by HTTPS`,
        `Latency of acknowledgements: ${latency}`,
        `Counts: ${listOf(report.counts)}`,
        `Refused or not answered: ${Object.keys(report.errors).length === 0 ? 'nothing' : listOf(report.errors)}`,
        `The simulator: ${group(report.residentMiB)} MiB, ${group(report.processorSeconds)} s of processor time`,
        '',
      ].join('\n');
  }
}

function listOf(numbers: Readonly<Record<string, number>>): string {
  const shown = Object.entries(numbers).filter(([, count]) => count > 0);
  return shown.length === 0 ? 'none' : shown.map(([name, count]) => `${name} ${group(count)}`).join('  ');
}

function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

function group(count: number): string {
  return count.toLocaleString('en');
}

function round(number: number): number {
  return number >= 100 ? Math.round(number) : Math.round(number * 100) / 100;
}
