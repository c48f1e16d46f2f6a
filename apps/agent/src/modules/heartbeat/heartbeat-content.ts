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
  /** Of the policies in force. One module says it. */
  readonly policyRevision?: number;
  /** Eight bytes that name the set of components. One module says it. */
  readonly componentSetDigest?: Uint8Array;
}

const NO_POLICIES = 0;
const NO_COMPONENTS = new Uint8Array(8);

/** What a heartbeat says: only what some module contributes. */
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
    policyRevision: findOnly(parts, 'policyRevision') ?? NO_POLICIES,
    componentSetDigest: findOnly(parts, 'componentSetDigest') ?? NO_COMPONENTS,
    items: encodeActivity(
      troubles.size === 0 ? activity : { ...activity, troubles: encodeTroubles(troubles) },
    ),
  };
}

/** Of two answers neither could be believed. */
function findOnly<Name extends 'policyRevision' | 'componentSetDigest'>(
  parts: readonly HeartbeatPart[],
  name: Name,
): HeartbeatPart[Name] | undefined {
  const [said, ...others] = parts.filter((part) => part[name] !== undefined);
  if (others.length > 0) throw new TypeError(`"parts" expected one "${name}", got ${others.length + 1}`);
  return said?.[name];
}
