import { planNextHeartbeatMs, planRetryMs } from '@holdfast/protocol';
import { type AgentAction, CallFailure, type ErrandName } from './agent-event.ts';
import { type AgentContext, type AgentState, mapErrands, Phase } from './agent-state.ts';
import { type ErrandProgress, freshErrand, wantErrand } from './errand-state.ts';
import { shakeHandsAgain } from './handshake-step.ts';
import { boundAskedWait } from './retry-wait.ts';
import { type AgentStep, stay } from './step.ts';

const INVENTORY_INTERVAL_MS = 24 * 3_600_000;
const INVENTORY_RETRY_MS = 300_000;

/** Starts those that may begin now; the others become due. */
export function startErrands(
  state: AgentState,
  wanted: readonly ErrandName[],
  { nowMs }: AgentContext,
): AgentStep {
  const actions: AgentAction[] = [];
  const next = mapErrands(state, (errand, current) => {
    if (!wanted.includes(errand)) return current;
    const canStart = state.phase === Phase.connected && nowMs >= current.notBeforeMs;
    const { next: following, start } = wantErrand(current, canStart);
    if (start) actions.push({ type: 'start-errand', errand, handshakeNumber: state.handshakeNumber });
    return following;
  });
  return { state: next, actions };
}

/** Begins with the next sign of a connection; after itself, when it is under way. */
export function markDue(state: AgentState, errand: ErrandName): AgentState {
  return setErrand(state, errand, wantErrand(state.errands[errand], false).next);
}

/** It waits until idle hours are over. */
export function isInventoryDue(state: AgentState, { nowMs }: AgentContext): boolean {
  return !state.isIdle && nowMs >= state.inventoryDueAtMs;
}

export function startInventory(state: AgentState, context: AgentContext): AgentStep {
  const inventoryDueAtMs = context.nowMs + planNextHeartbeatMs(INVENTORY_INTERVAL_MS, context.random);
  return startErrands({ ...state, inventoryDueAtMs }, ['inventory'], context);
}

export function onErrandFinished(
  state: AgentState,
  { errand, again }: { readonly errand: ErrandName; readonly again: boolean },
  context: AgentContext,
): AgentStep {
  const wasWantedAgain = state.errands[errand].state === 'busy-again';
  const idle = setErrand(state, errand, freshErrand);
  return again || wasWantedAgain ? startErrands(idle, [errand], context) : stay(idle);
}

interface FailedErrand {
  readonly errand: ErrandName;
  readonly handshakeNumber: number;
  readonly failure: CallFailure;
  readonly retryAfterMs: number;
}

export function onErrandFailed(state: AgentState, failed: FailedErrand, context: AgentContext): AgentStep {
  const { errand, failure } = failed;
  if (errand === 'inventory' && failure === CallFailure.refused) {
    const inventoryDueAtMs = context.nowMs + INVENTORY_RETRY_MS;
    return stay({ ...setErrand(state, errand, freshErrand), inventoryDueAtMs });
  }
  const next = setErrand(state, errand, planNextAttempt(state.errands[errand], failed, context));
  if (failure === CallFailure.unreachable || failure === CallFailure.refused) return stay(next);
  // The answer is about an earlier handshake, and there is a newer one already.
  if (failed.handshakeNumber !== state.handshakeNumber) {
    return state.phase === Phase.connected ? startErrands(next, [errand], context) : stay(next);
  }
  return shakeHandsAgain(next, context);
}

/**
 * Due, but not at once: what failed for a reason that the next heartbeat does not show, such as a limit of the server for this
 * kind of call, would otherwise be repeated as fast as reports about it are delivered.
 */
function planNextAttempt(
  progress: ErrandProgress,
  { failure, retryAfterMs }: FailedErrand,
  { nowMs, random }: AgentContext,
): ErrandProgress {
  // A handshake mends what is wrong with the access; the wait for it is the handshake's.
  const isOfAccess = failure !== CallFailure.unreachable && failure !== CallFailure.refused;
  if (isOfAccess && retryAfterMs === 0) return { ...progress, state: 'due' };
  const failures = progress.failures + 1;
  const notBeforeMs = nowMs + planRetryMs(failures, random, undefined, boundAskedWait(retryAfterMs));
  return { state: 'due', failures, notBeforeMs };
}

function setErrand(state: AgentState, errand: ErrandName, progress: ErrandProgress): AgentState {
  return mapErrands(state, (name, current) => (name === errand ? progress : current));
}
