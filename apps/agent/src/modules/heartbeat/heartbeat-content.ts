import { type Activity, encodeActivity, type HeartbeatContent } from '@holdfast/protocol';

export interface HeartbeatFacts {
  readonly isGoingAway: boolean;
  readonly waitingReportCount: number;
  readonly activity: Activity;
}

/** What a heartbeat says. Policies and components are not managed yet, so both fields say "none". */
export function createHeartbeatContent({
  isGoingAway,
  waitingReportCount,
  activity,
}: HeartbeatFacts): HeartbeatContent {
  return {
    goingAway: isGoingAway,
    serviceState: isGoingAway ? 'stopped' : 'running',
    waitingLogEntries: waitingReportCount,
    policyRevision: 0,
    componentSetDigest: new Uint8Array(8),
    items: encodeActivity(activity),
  };
}
