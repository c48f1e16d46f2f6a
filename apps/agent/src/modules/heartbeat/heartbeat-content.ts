import { type Activity, encodeActivity, type HeartbeatContent } from '@holdfast/protocol';

/** What one module says in a heartbeat. */
export interface HeartbeatPart {
  /** Log entries that the server has not got yet. */
  readonly waitingEntryCount?: number;
  readonly activity?: Activity;
}

/** What a heartbeat says. Policies and components are not managed yet, so both fields say "none". */
export function createHeartbeatContent(
  parts: readonly HeartbeatPart[],
  { isGoingAway }: { readonly isGoingAway: boolean },
): HeartbeatContent {
  return {
    goingAway: isGoingAway,
    serviceState: isGoingAway ? 'stopped' : 'running',
    waitingLogEntries: parts.reduce((sum, { waitingEntryCount = 0 }) => sum + waitingEntryCount, 0),
    policyRevision: 0,
    componentSetDigest: new Uint8Array(8),
    items: encodeActivity(Object.assign({}, ...parts.map(({ activity }) => activity)) as Activity),
  };
}
