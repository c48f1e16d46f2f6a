import type { PresenceReason, PresenceStatus, Transport } from '@holdfast/api';
import type { Activity, ServiceState } from '@holdfast/protocol';

/** One product as the database remembers it. */
export interface RememberedPresence {
  readonly productNumber: number;
  readonly isDisabled: boolean;
  readonly epoch: number;
  readonly transport: Transport;
  readonly status: PresenceStatus;
  readonly reason: PresenceReason;
  readonly lastSeenAtMs: number | undefined;
  readonly changedAtMs: number | undefined;
  readonly lastSequence: number;
  readonly serviceState: ServiceState;
  readonly intervalMs: number;
  readonly activity: Activity;
}

/** Who was thought to be there is not known to be there still: its last sign of life is no reason any more. */
export function reasonAfterRestart({
  status,
  reason,
}: Pick<RememberedPresence, 'status' | 'reason'>): PresenceReason {
  return status === 'online' || status === 'timed-out' ? 'before-restart' : reason;
}
