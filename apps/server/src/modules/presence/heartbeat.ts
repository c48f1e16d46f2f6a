import type { ServiceState } from '@holdfast/protocol';

/** What became of a heartbeat whose code was right. */
export type HeartbeatOutcome =
  | 'accepted'
  /** The last one again: its answer may have been lost. Answered again, not counted. */
  | 'repeated'
  /** An older one: dropped. */
  | 'replayed'
  /** Another epoch, a disabled product or no record: not counted, and told to make a handshake. */
  | 'handshake-needed';

export interface Heartbeat {
  readonly productNumber: number;
  readonly epoch: number;
  readonly sequence: number;
  readonly isGoingAway: boolean;
  readonly serviceState: ServiceState;
}
