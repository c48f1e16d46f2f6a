import { planNextHeartbeatMs, planRetryMs } from '@holdfast/protocol';
import { type AgentAction, CallFailure } from './agent-event.ts';
import { type AgentContext, type AgentState, findErrand, Phase, setErrand } from './agent-state.ts';
import type { ErrandOccasion, ErrandPlan } from './errand.ts';
import { type ErrandProgress, restErrand, wantErrand } from './errand-state.ts';
import { shakeHandsAgain } from './handshake-step.ts';
import { boundAskedWait } from './retry-wait.ts';
import { type AgentStep, stay } from './step.ts';

/** Starts those that may begin now, in the order of their plans; the others become due. */
export function startErrands(
  state: AgentState,
  isWanted: (plan: ErrandPlan) => boolean,
  { errands, nowMs }: AgentContext,
): AgentStep {
  const actions: AgentAction[] = [];
  let next = state;
  for (const plan of errands.filter(isWanted)) {
    const current = findErrand(next, plan.name);
    const isReachable = state.phase === Phase.connected || plan.needsServer === false;
    const { next: following, start } = wantErrand(current, isReachable && nowMs >= current.notBeforeMs);
    const { name: errand } = plan;
    if (start) actions.push({ type: 'start-errand', errand, handshakeNumber: state.handshakeNumber });
    next = setErrand(next, errand, following);
  }
  return { state: next, actions };
}

export function startErrand(state: AgentState, errand: string, context: AgentContext): AgentStep {
  return startErrands(state, ({ name }) => name === errand, context);
}

/** Those that begin by themselves now. */
export function startOn(state: AgentState, occasion: ErrandOccasion, context: AgentContext): AgentStep {
  return startErrands(state, ({ occasions }) => occasions?.includes(occasion) === true, context);
}

/** At a sign of a connection: what is due, and what else begins by one of these occasions. */
export function startDue(
  state: AgentState,
  occasions: readonly ErrandOccasion[],
  context: AgentContext,
): AgentStep {
  const isNow = (plan: ErrandPlan): boolean =>
    findErrand(state, plan.name).state === 'due' ||
    occasions.some((occasion) => plan.occasions?.includes(occasion) === true);
  return startErrands(state, isNow, context);
}

/** Those whose interval is over and that nothing holds. */
export function startByInterval(state: AgentState, context: AgentContext): AgentStep {
  const { nowMs, random, errands } = context;
  const isOver = ({ name, everyMs, isHeldInIdleHours }: ErrandPlan): boolean =>
    everyMs !== undefined &&
    !(isHeldInIdleHours === true && state.isIdle) &&
    nowMs >= findErrand(state, name).intervalEndsAtMs;
  let next = state;
  for (const { name, everyMs = 0 } of errands.filter(isOver)) {
    const intervalEndsAtMs = nowMs + planNextHeartbeatMs(everyMs, random);
    next = setErrand(next, name, { ...findErrand(next, name), intervalEndsAtMs });
  }
  return startErrands(next, isOver, context);
}

/** Begins with the next sign of a connection; after itself, when it is under way. */
export function markDue(state: AgentState, errand: string): AgentState {
  return setErrand(state, errand, wantErrand(findErrand(state, errand), false).next);
}

export function onErrandFinished(
  state: AgentState,
  { errand, again }: { readonly errand: string; readonly again: boolean },
  context: AgentContext,
): AgentStep {
  const progress = findErrand(state, errand);
  const idle = setErrand(state, errand, restErrand(progress));
  return again || progress.state === 'busy-again' ? startErrand(idle, errand, context) : stay(idle);
}

interface FailedErrand {
  readonly errand: string;
  readonly handshakeNumber: number;
  readonly failure: CallFailure;
  readonly retryAfterMs: number;
}

export function onErrandFailed(state: AgentState, failed: FailedErrand, context: AgentContext): AgentStep {
  const { errand, failure } = failed;
  const progress = findErrand(state, errand);
  const { afterRefusalMs } = context.errands.find(({ name }) => name === errand) ?? {};
  if (afterRefusalMs !== undefined && failure === CallFailure.refused) {
    const intervalEndsAtMs = context.nowMs + afterRefusalMs;
    return stay(setErrand(state, errand, restErrand({ ...progress, intervalEndsAtMs })));
  }
  const next = setErrand(state, errand, planNextAttempt(progress, failed, context));
  if (failure === CallFailure.unreachable || failure === CallFailure.refused) return stay(next);
  // The answer is about an earlier handshake, and there is a newer one already.
  if (failed.handshakeNumber !== state.handshakeNumber) {
    return state.phase === Phase.connected ? startErrand(next, errand, context) : stay(next);
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
  return { ...progress, state: 'due', failures, notBeforeMs };
}
