import type { LanDatagram } from '../lan/lan-datagram.ts';
import { sayBeacon } from './beacon-step.ts';
import { isClearlyBetter, prevails, type Standing } from './election-order.ts';
import {
  type ElectionAction,
  type ElectionContext,
  type ElectionEvent,
  type ElectionState,
  type ElectionStep,
  StepDownReason,
} from './election-state.ts';
import { electionTiming, isPinnedOver } from './election-timing.ts';
import { follow, listen } from './inactive-step.ts';

/** What an Active Agent does. */
export function stepActive(
  state: ElectionState,
  event: ElectionEvent,
  context: ElectionContext,
): ElectionStep {
  if (event.type === 'timer-fired') return onTimer(state, context);
  if (event.type !== 'heard') return { state, actions: [] };
  const { datagram, isProven } = event;
  switch (datagram.type) {
    case 'beacon':
      return onOtherActive(state, datagram, isProven, context);
    case 'bid':
      return onBid(state, datagram, isProven, context);
    case 'offer':
      return { state: considerStandby(state, datagram, context), actions: [] };
    default:
      return { state, actions: [] };
  }
}

/** Ends it with a farewell, so that the standby takes over at once. */
export function stopBeingActive(
  state: ElectionState,
  reason: StepDownReason,
  context: ElectionContext,
  successor: Pick<Standing, 'productNumber' | 'fitness'> | undefined = state.standby,
): ElectionStep {
  const listening = listen(state, context);
  const farewell: ElectionAction = {
    type: 'say',
    statement: {
      type: 'farewell',
      term: state.term,
      fitness: state.fitness,
      other: successor?.productNumber ?? 0,
      otherFitness: successor?.fitness ?? 0,
    },
  };
  return {
    state: { ...listening, leaseEndsAtMs: context.nowMs + electionTiming.leaseMs },
    actions: [farewell, { type: 'step-down', reason }],
  };
}

function onTimer(state: ElectionState, context: ElectionContext): ElectionStep {
  const { nowMs } = context;
  // It slept or had no time while the others may have elected another one. It listens first, and says nothing.
  if (nowMs - state.lastBeaconAtMs > electionTiming.leaseMs) {
    return {
      state: listen(state, context),
      actions: [{ type: 'step-down', reason: StepDownReason.lapsed }],
    };
  }
  const isStandbySilent =
    state.standby !== undefined && nowMs - state.standby.heardAtMs > electionTiming.standbySilenceMs;
  const checked = isStandbySilent ? { ...state, standby: undefined } : state;
  return nowMs >= checked.beaconAtMs ? sayBeacon(checked, context) : { state: checked, actions: [] };
}

/** Two of them: after a split, or because neither heard the other's bid. */
function onOtherActive(
  state: ElectionState,
  datagram: LanDatagram,
  isProven: boolean,
  context: ElectionContext,
): ElectionStep {
  if (!prevails(datagram, standingOf(state))) return answerByBeacon(state, context);
  // A recording of an Active Agent that was makes nobody step down.
  if (!isProven) return { state, actions: [{ type: 'ask', productNumber: datagram.productNumber }] };
  const followed = follow(listen(state, context), datagram, isProven, context);
  return {
    state: followed.state,
    actions: [{ type: 'step-down', reason: StepDownReason.prevailed }, ...followed.actions],
  };
}

function onBid(
  state: ElectionState,
  bid: LanDatagram,
  isProven: boolean,
  context: ElectionContext,
): ElectionStep {
  const own = standingOf(state);
  if (bid.fitness === 0 || !isClearlyBetter(bid, own)) return answerByBeacon(state, context);
  const tenureMs = context.nowMs - state.activeSinceMs;
  const neededMs = isPinnedOver(bid, own)
    ? electionTiming.pinnedChallengeAfterMs
    : electionTiming.challengeAfterMs;
  if (tenureMs < neededMs) return answerByBeacon(state, context);
  if (isProven) return stopBeingActive(state, StepDownReason.handedOver, context, bid);
  const answered = answerByBeacon(state, context);
  return {
    state: answered.state,
    actions: [...answered.actions, { type: 'ask', productNumber: bid.productNumber }],
  };
}

function considerStandby(
  state: ElectionState,
  offer: LanDatagram,
  { nowMs }: ElectionContext,
): ElectionState {
  const { standby } = state;
  if (offer.fitness === 0) return state;
  const isTaken =
    standby === undefined || standby.productNumber === offer.productNumber || isClearlyBetter(offer, standby);
  if (!isTaken) return state;
  const { productNumber, fitness } = offer;
  return { ...state, standby: { productNumber, fitness, heardAtMs: nowMs } };
}

function answerByBeacon(state: ElectionState, context: ElectionContext): ElectionStep {
  const isJustSaid = context.nowMs - state.lastBeaconAtMs < electionTiming.answerGapMs;
  return isJustSaid ? { state, actions: [] } : sayBeacon(state, context);
}

function standingOf({ productNumber, term, saidFitness }: ElectionState): Standing {
  return { productNumber, term, fitness: saidFitness };
}
