import { stepActive, stopBeingActive } from './active-step.ts';
import { ElectionPhase, StepDownReason } from './election-state.ts';
import type { ElectionContext, ElectionEvent, ElectionState, ElectionStep } from './election-state.ts';
import { listen, planAsFollower, stepBidding, stepInactive } from './inactive-step.ts';

/**
 * The election of one segment: what to do next, from the state and one event. Pure: time and chance come in.
 *
 * Invariant: an agent that may be elected always has a deadline that leads on; it never waits for others without an end.
 */
export function stepElection(
  state: ElectionState,
  event: ElectionEvent,
  context: ElectionContext,
): ElectionStep {
  if (event.type === 'fitness-changed') return onFitness(state, event.fitness, context);
  if (state.phase === ElectionPhase.stopped) {
    return { state: event.type === 'started' ? listen(state, context) : state, actions: [] };
  }
  if (event.type === 'started') return { state, actions: [] };
  if (event.type === 'stop-requested') return stop(state, context);
  switch (state.phase) {
    case ElectionPhase.active:
      return stepActive(state, event, context);
    case ElectionPhase.bidding:
      return stepBidding(state, event, context);
    default:
      return stepInactive(state, event, context);
  }
}

/** When `timer-fired` has to come at the latest; `Infinity` for one that only follows, and follows nobody. */
export function findDeadlineMs(state: ElectionState): number {
  const { phase, leader, bidAtMs, bidAgainAtMs, challengeAtMs, offerAtMs } = state;
  switch (phase) {
    case ElectionPhase.active:
      return state.beaconAtMs;
    case ElectionPhase.bidding:
      return Math.min(state.takeOverAtMs, bidAgainAtMs ?? Infinity);
    case ElectionPhase.inactive:
      if (leader !== undefined) {
        return Math.min(state.leaseEndsAtMs, challengeAtMs ?? Infinity, offerAtMs ?? Infinity);
      }
      return state.fitness === 0 ? Infinity : (bidAtMs ?? state.leaseEndsAtMs);
    default:
      return Infinity;
  }
}

function onFitness(before: ElectionState, fitness: number, context: ElectionContext): ElectionStep {
  const state = { ...before, fitness };
  if (state.phase === ElectionPhase.inactive) {
    const isOut = fitness === 0;
    return { state: planAsFollower(isOut ? { ...state, bidAtMs: undefined } : state, context), actions: [] };
  }
  if (fitness > 0) return { state, actions: [] };
  if (state.phase === ElectionPhase.active) return stopBeingActive(state, StepDownReason.unfit, context);
  return { state: state.phase === ElectionPhase.bidding ? listen(state, context) : state, actions: [] };
}

function stop(state: ElectionState, context: ElectionContext): ElectionStep {
  const { actions } =
    state.phase === ElectionPhase.active
      ? stopBeingActive(state, StepDownReason.stopped, context)
      : { actions: [] };
  return { state: { ...state, phase: ElectionPhase.stopped, leader: undefined }, actions };
}
