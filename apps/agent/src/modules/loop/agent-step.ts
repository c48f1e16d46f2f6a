import { limits, Transport } from '@holdfast/protocol';
import type { AgentEvent } from './agent-event.ts';
import { type AgentContext, type AgentState, hasAccess, Phase } from './agent-state.ts';
import { onHandshakeFailed, shakeHands, shakeHandsAgain } from './handshake-step.ts';
import {
  boundInterval,
  chooseTransport,
  onAcknowledged,
  onHeartbeatDue,
  onHeartbeatFailed,
  onHeartbeatSent,
  onHeartbeatWanted,
  onTransportChosen,
  onTransportFailed,
  tryToReconnect,
} from './heartbeat-step.ts';
import {
  markDue,
  onErrandFailed,
  onErrandFinished,
  startByInterval,
  startErrand,
  startOn,
} from './errand-step.ts';
import { type AgentStep, stay, andThen } from './step.ts';

/** A flapping interface does not become a flood of attempts. */
const MIN_ATTEMPT_GAP_MS = 5_000;

/**
 * The agent's core: what to do next, from the state and one event. Pure: time and randomness are passed in.
 *
 * Invariant: until the stop there is always a timer or a call under way that leads on; the agent never falls silent.
 */
export function stepAgent(state: AgentState, event: AgentEvent, context: AgentContext): AgentStep {
  if (state.phase === Phase.stopped) return event.type === 'started' ? start(state, context) : stay(state);
  if (event.type === 'stop-requested') return stop(state);
  if (state.phase === Phase.stopping) {
    if (event.type !== 'farewell-finished') return stay(state);
    return { state: { ...state, phase: Phase.stopped }, actions: [{ type: 'finish' }] };
  }
  switch (event.type) {
    case 'timer-fired':
      return onTimer(state, context);
    case 'handshake-succeeded':
      return onHandshake(state, event, context);
    case 'handshake-failed':
      return onHandshakeFailed(state, event, context);
    case 'transport-chosen':
      return onTransportChosen(state, event, context);
    case 'transport-failed':
      return onTransportFailed(state, event, context);
    case 'heartbeat-acknowledged':
      return onAcknowledged(state, event, context);
    case 'heartbeat-sent':
      return onHeartbeatSent(state, event, context);
    case 'heartbeat-failed':
      return onHeartbeatFailed(state, event, context);
    case 'errand-wanted':
      return startErrand(state, event.errand, context);
    case 'errand-due':
      return stay(markDue(state, event.errand));
    case 'heartbeat-wanted':
      return onHeartbeatWanted(state, context);
    case 'handshake-wanted':
      return hasAccess(state) ? shakeHandsAgain(state, context) : stay(state);
    case 'errand-finished':
      return onErrandFinished(state, event, context);
    case 'errand-failed':
      return onErrandFailed(state, event, context);
    case 'surroundings-changed':
      return onSurroundingsChanged(state, context);
    default:
      return stay(state);
  }
}

function start(state: AgentState, context: AgentContext): AgentStep {
  return andThen(shakeHands(state, context), (following) => startOn(following, 'start', context));
}

function onTimer(state: AgentState, context: AgentContext): AgentStep {
  switch (state.phase) {
    case Phase.waiting:
      return shakeHands(state, context);
    case Phase.reconnecting:
      return tryToReconnect(state, context);
    case Phase.connected:
      return state.isChoosing || state.isHeartbeatUnderWay ? stay(state) : onHeartbeatDue(state, context);
    default:
      return stay(state);
  }
}

function onHandshake(
  state: AgentState,
  { intervalMs, returnSpreadMs }: { readonly intervalMs: number; readonly returnSpreadMs: number },
  context: AgentContext,
): AgentStep {
  if (state.phase !== Phase.shakingHands) return stay(state);
  const handshakeNumber = state.handshakeNumber + 1;
  const connected: AgentState = {
    ...state,
    phase: Phase.connected,
    handshakeNumber,
    intervalMs: boundInterval(intervalMs),
    returnSpreadMs: Math.min(limits.maxReturnSpreadMs, Math.max(0, returnSpreadMs)),
    transport: 'https',
    isChoosing: true,
    isHeartbeatUnderWay: false,
    areSurroundingsNew: false,
    isProbeWanted: false,
    blindCount: 0,
  };
  const step: AgentStep = { state: connected, actions: [{ type: 'choose-transport', handshakeNumber }] };
  const started = andThen(step, (following) => startOn(following, 'handshake', context));
  return andThen(started, (following) => startByInterval(following, context));
}

/** What failed before says little about the new surroundings, so the next waits are short again. */
function onSurroundingsChanged(state: AgentState, context: AgentContext): AgentStep {
  switch (state.phase) {
    case Phase.connected:
      return state.isHeartbeatUnderWay || state.isChoosing
        ? stay({ ...state, isProbeWanted: true, areSurroundingsNew: state.isHeartbeatUnderWay })
        : chooseTransport(state);
    case Phase.reconnecting:
      return attemptSoon({ ...state, failures: 0, isProbeWanted: true }, tryToReconnect, context);
    case Phase.waiting:
      return attemptSoon({ ...state, failures: 0 }, shakeHands, context);
    default:
      return stay(state);
  }
}

function attemptSoon(
  state: AgentState,
  attempt: (state: AgentState, context: AgentContext) => AgentStep,
  context: AgentContext,
): AgentStep {
  // The attempt under way sets the next timer itself.
  if (state.isHeartbeatUnderWay) return stay({ ...state, areSurroundingsNew: true });
  const sinceMs = context.nowMs - state.lastAttemptAtMs;
  if (sinceMs >= MIN_ATTEMPT_GAP_MS) return attempt(state, context);
  return { state, actions: [{ type: 'set-timer', delayMs: MIN_ATTEMPT_GAP_MS - sinceMs }] };
}

function stop(state: AgentState): AgentStep {
  if (state.phase === Phase.stopping) return stay(state);
  // One heartbeat that was lost by UDP says nothing about HTTPS, by which a goodbye goes then.
  const isOnlyMissed =
    state.phase === Phase.reconnecting &&
    state.transport === Transport.udpAcknowledged &&
    state.failures === 1;
  if (state.phase !== Phase.connected && !isOnlyMissed) {
    return {
      state: { ...state, phase: Phase.stopped },
      actions: [{ type: 'clear-timer' }, { type: 'finish' }],
    };
  }
  return {
    state: { ...state, phase: Phase.stopping },
    actions: [{ type: 'clear-timer' }, { type: 'farewell', handshakeNumber: state.handshakeNumber }],
  };
}
