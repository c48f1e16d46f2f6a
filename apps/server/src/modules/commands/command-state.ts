import { type CommandState, commandStates } from '@holdfast/api';
import type { ReportedState } from '@holdfast/protocol';

/** One state that a command reached at a product, when, and why. */
export interface CommandStep {
  readonly state: CommandState;
  /** RFC 3339 in UTC with milliseconds. */
  readonly at: string;
  readonly detail: string;
}

/** Ends: nothing follows. */
const ends = ['succeeded', 'failed', 'expired', 'cancelled'] as const satisfies readonly CommandState[];

/** States in which, as far as we know, the product has begun nothing: these can be cancelled, and expire on time. */
export const unbegunStates = ['queued', 'delivered'] as const satisfies readonly CommandState[];

/** States in which the product has the command and has not said how it ended: only it can end what is in them. */
export const begunStates = ['accepted', 'running'] as const satisfies readonly CommandState[];

export function isUnbegun(state: CommandState): boolean {
  return (unbegunStates as readonly CommandState[]).includes(state);
}

export function isBegun(state: CommandState): boolean {
  return (begunStates as readonly CommandState[]).includes(state);
}

export function isEnd(state: CommandState): boolean {
  return (ends as readonly CommandState[]).includes(state);
}

/** Place in the life of a command; all ends share one. */
export function rankOf(state: CommandState): number {
  return isEnd(state) ? commandStates.length - ends.length : commandStates.indexOf(state);
}

/** Why this server, and not the product, says that a target failed. */
export const noLongerSupported = {
  code: 'COMMAND_NO_LONGER_SUPPORTED',
  detail: 'The product knew this command when it was ordered and does not know it any more.',
} as const;

export type ReportDecision = 'recorded' | 'already-recorded' | 'closed';

/**
 * What becomes of a report. Invariant: a state is never left backwards and no end is ever left.
 *
 * - `recorded`: the report leads forward; steps in between may be missing, because reports may be lost with an agent;
 * - `already-recorded`: this or something later was reported before, so a repetition changes nothing;
 * - `closed`: the command is over in another way, and the product is told so.
 *
 * @param code what the target ended with; tells an end by the server from one by the product
 */
export function decideReport(
  current: CommandState,
  reported: ReportedState,
  code: string | null = null,
): ReportDecision {
  if (!isEnd(current)) return rankOf(reported) > rankOf(current) ? 'recorded' : 'already-recorded';
  if (current === reported) return 'already-recorded';
  const isByProduct = current === 'succeeded' || (current === 'failed' && code !== noLongerSupported.code);
  return isByProduct && !isEnd(reported) ? 'already-recorded' : 'closed';
}

/**
 * When a reported step happened, by the server's clock: the product's time, corrected by how far its clock was off at
 * the last handshake, never before the step before it and never in the future.
 *
 * @param skewMs server clock minus product clock; 0 when unknown
 */
export function stepTimeMs(
  reportedAtMs: number,
  skewMs: number,
  previousAtMs: number,
  nowMs: number,
): number {
  const correctedMs = reportedAtMs + skewMs;
  const notBefore = Math.min(previousAtMs, nowMs);
  return Math.min(Math.max(Number.isFinite(correctedMs) ? correctedMs : nowMs, notBefore), nowMs);
}
