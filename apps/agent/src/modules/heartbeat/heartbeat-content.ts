import { type Activity, encodeActivity, type HeartbeatContent } from '@holdfast/protocol';

export interface HeartbeatFacts {
  readonly isGoingAway: boolean;
  /** Log entries that the server has not got yet. */
  readonly waitingEntryCount: number;
  readonly activity: Activity;
}

/** What a heartbeat says. Policies and components are not managed yet, so both fields say "none". */
export function createHeartbeatContent({
  isGoingAway,
  waitingEntryCount,
  activity,
}: HeartbeatFacts): HeartbeatContent {
  return {
    goingAway: isGoingAway,
    serviceState: isGoingAway ? 'stopped' : 'running',
    waitingLogEntries: waitingEntryCount,
    policyRevision: 0,
    componentSetDigest: new Uint8Array(8),
    items: encodeActivity(activity),
  };
}
