import {
  type Activity,
  encodeActivity,
  encodeTroubles,
  type HeartbeatContent,
  type Trouble,
} from '@holdfast/protocol';

/** What one module says in a heartbeat. */
export interface HeartbeatPart {
  /** Log entries that the server has not got yet. */
  readonly waitingEntryCount?: number;
  readonly activity?: Activity;
  /** What keeps the agent from its work. */
  readonly troubles?: readonly Trouble[];
}

/** What a heartbeat says. Policies and components are not managed yet, so both fields say "none". */
export function createHeartbeatContent(
  parts: readonly HeartbeatPart[],
  { isGoingAway }: { readonly isGoingAway: boolean },
): HeartbeatContent {
  const troubles = new Set(parts.flatMap(({ troubles: some = [] }) => some));
  const activity = Object.assign({}, ...parts.map((part) => part.activity)) as Activity;
  return {
    goingAway: isGoingAway,
    serviceState: isGoingAway ? 'stopped' : 'running',
    waitingLogEntries: parts.reduce((sum, { waitingEntryCount = 0 }) => sum + waitingEntryCount, 0),
    policyRevision: 0,
    componentSetDigest: new Uint8Array(8),
    items: encodeActivity(
      troubles.size === 0 ? activity : { ...activity, troubles: encodeTroubles(troubles) },
    ),
  };
}
