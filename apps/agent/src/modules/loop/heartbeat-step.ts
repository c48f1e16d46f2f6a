import {
  limits,
  planAfterUnansweredMs,
  planFirstHeartbeatMs,
  planNextHeartbeatMs,
  planRetryMs,
  planReturnMs,
  Transport,
} from '@holdfast/protocol';
import { type AgentEvent, CallFailure } from './agent-event.ts';
import { type AgentContext, type AgentState, hasAccess, Phase } from './agent-state.ts';
import type { ErrandOccasion } from './errand.ts';
import { shakeHandsAgain } from './handshake-step.ts';
import { startByInterval, startDue } from './errand-step.ts';
import { boundAskedWait } from './retry-wait.ts';
import { type AgentStep, andThen, stay } from './step.ts';

/** After this many heartbeats in a row whose acknowledgement did not come by UDP the way is tested again. */
const MISSED_BEFORE_PROBE = 3;
/** Without acknowledgements by UDP, every so many heartbeats one goes by HTTPS as well and brings an answer. */
const BLIND_BEFORE_HTTPS = 3;
/** No wait between two heartbeats is shorter. */
const MIN_WAIT_MS = 250;

interface FailedCall {
  readonly handshakeNumber: number;
  readonly failure: CallFailure;
  readonly retryAfterMs: number;
}

export function onHeartbeatDue(state: AgentState, context: AgentContext): AgentStep {
  return andThen(sendHeartbeat(state, context), (following) => startByInterval(following, context));
}

/** One before its time, whose answer is wanted and sets the next timer. One that is under way does as well. */
export function onHeartbeatWanted(state: AgentState, { nowMs }: AgentContext): AgentStep {
  if (state.phase !== Phase.connected || state.isHeartbeatUnderWay || state.isChoosing) return stay(state);
  return {
    state: { ...state, blindCount: 0, isHeartbeatUnderWay: true, heartbeatSentAtMs: nowMs },
    actions: [
      { type: 'clear-timer' },
      { type: 'send-heartbeat', handshakeNumber: state.handshakeNumber, needsAnswer: true },
    ],
  };
}

export function tryToReconnect(state: AgentState, { nowMs }: AgentContext): AgentStep {
  if (state.isHeartbeatUnderWay) return stay(state);
  return {
    state: { ...state, isHeartbeatUnderWay: true, heartbeatSentAtMs: nowMs, lastAttemptAtMs: nowMs },
    actions: [{ type: 'send-heartbeat', handshakeNumber: state.handshakeNumber, needsAnswer: true }],
  };
}

export function chooseTransport(state: AgentState): AgentStep {
  if (state.isChoosing) return stay(state);
  return {
    state: { ...state, isChoosing: true, isProbeWanted: false },
    actions: [{ type: 'clear-timer' }, { type: 'choose-transport', handshakeNumber: state.handshakeNumber }],
  };
}

export function onTransportChosen(
  state: AgentState,
  { handshakeNumber, transport }: { readonly handshakeNumber: number; readonly transport: Transport },
  context: AgentContext,
): AgentStep {
  if (handshakeNumber !== state.handshakeNumber || !state.isChoosing) return stay(state);
  return sendHeartbeat({ ...state, isChoosing: false, choiceFailures: 0, transport }, context);
}

export function onTransportFailed(state: AgentState, call: FailedCall, context: AgentContext): AgentStep {
  if (call.handshakeNumber !== state.handshakeNumber || !state.isChoosing) return stay(state);
  const next = { ...state, isChoosing: false };
  if (call.failure === CallFailure.unreachable) {
    const choiceFailures = state.choiceFailures + 1;
    const waitMs = planRetryMs(choiceFailures, context.random, undefined, boundAskedWait(call.retryAfterMs));
    const wanted = {
      ...next,
      isProbeWanted: true,
      choiceFailures,
      choiceNotBeforeMs: context.nowMs + waitMs,
    };
    return loseConnection(wanted, call.retryAfterMs, context);
  }
  if (call.failure !== CallFailure.refused) return shakeHandsAgain(next, context);
  // A server that refuses the question still takes heartbeats.
  return sendHeartbeat(next, context);
}

export function onAcknowledged(
  state: AgentState,
  event: AgentEvent & { readonly type: 'heartbeat-acknowledged' },
  context: AgentContext,
): AgentStep {
  if (event.handshakeNumber !== state.handshakeNumber || !hasAccess(state) || !state.isHeartbeatUnderWay)
    return stay(state);
  const next: AgentState = {
    ...state,
    phase: Phase.connected,
    // A handshake that leads to the next one is no success: the waits in between go on growing.
    failures: event.handshakeAgain ? state.failures : 0,
    intervalMs: boundInterval(event.nextIntervalMs),
    isHeartbeatUnderWay: false,
    answeredSentAtMs: state.heartbeatSentAtMs,
    areSurroundingsNew: false,
    isPhaseDrawn: true,
    isIdle: event.idle,
    areHoursKnown: true,
  };
  if (event.handshakeAgain) return shakeHandsAgain(next, context);
  const occasions: ErrandOccasion[] = event.commandsWait ? ['commands-wait'] : [];
  if (state.isIdle && !event.idle) occasions.push('idle-hours-end');
  const isWayLost = event.missedByUdp >= MISSED_BEFORE_PROBE;
  const step = scheduleNext(next, isWayLost, state.isPhaseDrawn, context);
  const started = andThen(step, (following) => startDue(following, occasions, context));
  // What idle hours hold has waited for the first acknowledgement.
  return state.areHoursKnown ? started : andThen(started, (following) => startByInterval(following, context));
}

export function onHeartbeatSent(
  state: AgentState,
  { handshakeNumber }: { readonly handshakeNumber: number },
  context: AgentContext,
): AgentStep {
  if (handshakeNumber !== state.handshakeNumber || !hasAccess(state) || !state.isHeartbeatUnderWay)
    return stay(state);
  const next = { ...state, isHeartbeatUnderWay: false, areSurroundingsNew: false, isPhaseDrawn: true };
  const step = scheduleNext(next, false, state.isPhaseDrawn, context);
  // Nothing tells whether commands wait, so they are asked for.
  return andThen(step, (following) => startDue(following, ['commands-wait'], context));
}

export function onHeartbeatFailed(state: AgentState, call: FailedCall, context: AgentContext): AgentStep {
  if (call.handshakeNumber !== state.handshakeNumber || !hasAccess(state) || !state.isHeartbeatUnderWay)
    return stay(state);
  const next = { ...state, isHeartbeatUnderWay: false };
  if (call.failure !== CallFailure.unreachable) return shakeHandsAgain(next, context);
  // A failure in the old surroundings says little about the new ones.
  const isInTurn = state.transport === Transport.udpAcknowledged && !state.areSurroundingsNew;
  return isInTurn
    ? missHeartbeat(next, call.retryAfterMs, context)
    : loseConnection(
        // Those whose address changed are few, so they need not come back as a whole fleet does.
        { ...next, areSurroundingsNew: false, ...(state.areSurroundingsNew ? { returnSpreadMs: 0 } : {}) },
        call.retryAfterMs,
        context,
      );
}

export function boundInterval(intervalMs: number): number {
  return Math.min(limits.maxHeartbeatIntervalMs, Math.max(limits.minHeartbeatIntervalMs, intervalMs));
}

/** The call under way answers with an event, which sets the next timer. */
function sendHeartbeat(state: AgentState, { nowMs }: AgentContext): AgentStep {
  const mayBeBlind = state.transport === 'udp' && state.areHoursKnown;
  const isBlind = mayBeBlind && state.blindCount + 1 < BLIND_BEFORE_HTTPS;
  return {
    state: {
      ...state,
      blindCount: isBlind ? state.blindCount + 1 : 0,
      isHeartbeatUnderWay: true,
      heartbeatSentAtMs: nowMs,
    },
    actions: [{ type: 'send-heartbeat', handshakeNumber: state.handshakeNumber, needsAnswer: !isBlind }],
  };
}

function scheduleNext(
  state: AgentState,
  isWayLost: boolean,
  isPhaseDrawn: boolean,
  { nowMs, random }: AgentContext,
): AgentStep {
  // While a transport is being chosen, its answer leads on.
  if (state.isChoosing) return stay(state);
  if ((isWayLost || state.isProbeWanted) && nowMs >= state.choiceNotBeforeMs) return chooseTransport(state);
  // From the sending, which the server counts from: the answer may belong to the second one and come much later.
  const plannedMs = isPhaseDrawn
    ? planNextHeartbeatMs(state.intervalMs, random) - (nowMs - state.heartbeatSentAtMs)
    : planFirstHeartbeatMs(state.intervalMs, random);
  const delayMs = Math.max(MIN_WAIT_MS, plannedMs);
  return { state, actions: [{ type: 'set-timer', delayMs }] };
}

/** docs/protocol.md, section 12: no attempt but those of the next heartbeats, at their regular times. */
function missHeartbeat(state: AgentState, retryAfterMs: number, { nowMs, random }: AgentContext): AgentStep {
  const { intervalMs, heartbeatSentAtMs, answeredSentAtMs } = state;
  const plannedMs = planAfterUnansweredMs(intervalMs, random, heartbeatSentAtMs - answeredSentAtMs);
  const regularMs = plannedMs - (nowMs - heartbeatSentAtMs);
  const askedMs = boundAskedWait(retryAfterMs) * (1 + random);
  const delayMs = Math.max(MIN_WAIT_MS, regularMs, askedMs);
  return {
    state: { ...state, phase: Phase.reconnecting, failures: state.failures + 1 },
    actions: [{ type: 'set-timer', delayMs }],
  };
}

function loseConnection(state: AgentState, retryAfterMs: number, { random }: AgentContext): AgentStep {
  const failures = state.failures + 1;
  const atLeastMs = boundAskedWait(retryAfterMs);
  return {
    state: { ...state, phase: Phase.reconnecting, failures },
    actions: [
      { type: 'set-timer', delayMs: planReturnMs(failures, random, state.returnSpreadMs, atLeastMs) },
    ],
  };
}
