import type { FleetCounts } from './fleet-counts.ts';
import type { Percentiles } from './latency-histogram.ts';
import type { Phase } from './product-state.ts';

/** What a fleet looks like at one moment. Counts and errors are those since the fleet was made. */
export interface FleetSnapshot {
  readonly products: Readonly<Record<Phase, number>>;
  readonly counts: Readonly<FleetCounts>;
  /** How often each code came back instead of an answer. */
  readonly errors: Readonly<Record<string, number>>;
  /** From the first sending of a heartbeat to its acknowledgement, since the last snapshot that took them, and of the whole run. */
  readonly latencyMs: Percentiles;
  readonly allLatencyMs: Percentiles;
  /** Calls that wait for a connection. */
  readonly waitingCalls: number;
  /** The server's newest interval, as one of the products was told. */
  readonly intervalMs: number;
}
