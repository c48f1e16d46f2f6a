import { type BackOffBounds, planRetryMs, planReturnMs } from '@holdfast/protocol';
import { CallFailure } from './agent-event.ts';
import { type AgentContext, type AgentState, Phase } from './agent-state.ts';
import { type AgentStep, stay } from './step.ts';

/** An answer "handshake again" this soon after one is obeyed only after a wait, so that a faulty server is not hammered. */
const MIN_HANDSHAKE_GAP_MS = 5_000;
/** For answers that only an administrator can change: rare, yet soon enough after that change. */
const refusedBackOff: BackOffBounds = { baseMs: 30_000, maxMs: 300_000, minMs: 5_000 };

export function shakeHands(state: AgentState, { nowMs }: AgentContext): AgentStep {
  return {
    state: {
      ...state,
      phase: Phase.shakingHands,
      isChoosing: false,
      isHeartbeatUnderWay: false,
      lastAttemptAtMs: nowMs,
      lastHandshakeAtMs: nowMs,
    },
    actions: [{ type: 'clear-timer' }, { type: 'handshake' }],
  };
}

/** A handshake that the server or an expired token asks for; a second one in a row waits. */
export function shakeHandsAgain(state: AgentState, context: AgentContext): AgentStep {
  if (state.phase === Phase.shakingHands || state.phase === Phase.waiting) return stay(state);
  if (context.nowMs - state.lastHandshakeAtMs >= MIN_HANDSHAKE_GAP_MS) return shakeHands(state, context);
  return wait({ ...state, isChoosing: false }, planRetryMs(state.failures + 1, context.random));
}

export function onHandshakeFailed(
  state: AgentState,
  { failure, retryAfterMs }: { readonly failure: CallFailure; readonly retryAfterMs: number },
  { random }: AgentContext,
): AgentStep {
  if (state.phase !== Phase.shakingHands) return stay(state);
  const atLeastMs = Math.min(refusedBackOff.maxMs, retryAfterMs);
  if (failure === CallFailure.unknownProduct && retryAfterMs > 0) {
    // The server paces those that wait for an administrator, by their number; earlier failures say nothing about that.
    return wait(state, planRetryMs(1, random, { ...refusedBackOff, baseMs: atLeastMs }, atLeastMs));
  }
  const failures = state.failures + 1;
  // No answer: it may be the whole fleet that has lost its server.
  const isLost = failure === CallFailure.unreachable;
  return wait(
    state,
    isLost
      ? planReturnMs(failures, random, state.returnSpreadMs, atLeastMs)
      : planRetryMs(failures, random, refusedBackOff, atLeastMs),
  );
}

/** Without a handshakeNumber, until the timer leads to a handshake. */
function wait(state: AgentState, delayMs: number): AgentStep {
  return {
    state: { ...state, phase: Phase.waiting, isHeartbeatUnderWay: false, failures: state.failures + 1 },
    actions: [{ type: 'set-timer', delayMs }],
  };
}
