import type { LanDatagram } from '../lan/lan-datagram.ts';
import { sayBeacon } from './beacon-step.ts';
import { isBetter, isClearlyBetter, prevails } from './election-order.ts';
import {
  type ElectionContext,
  type ElectionEvent,
  ElectionPhase,
  type ElectionState,
  type ElectionStep,
  type Leader,
} from './election-state.ts';
import { drawBackOffMs, electionTiming, isPinnedOver, planHandicapMs } from './election-timing.ts';

const MAX_TERM = 0xffff_ffff;
/** Bids of others that are let pass without a beacon behind them: who only bids keeps nobody from being elected. */
const MAX_YIELDS = 3;

/** Follows nobody and only listens, for as long as a lease. */
export function listen(state: ElectionState, { nowMs }: ElectionContext): ElectionState {
  return {
    ...state,
    phase: ElectionPhase.inactive,
    leader: undefined,
    leaseEndsAtMs: nowMs + electionTiming.leaseMs,
    bidAtMs: undefined,
    bidAgainAtMs: undefined,
    challengeAtMs: undefined,
    offerAtMs: undefined,
    standby: undefined,
    yields: 0,
  };
}

/** What an Inactive Agent does. */
export function stepInactive(
  state: ElectionState,
  event: ElectionEvent,
  context: ElectionContext,
): ElectionStep {
  if (event.type === 'timer-fired') return onTimer(state, context);
  if (event.type !== 'heard') return { state, actions: [] };
  const { datagram, isProven } = event;
  switch (datagram.type) {
    case 'beacon':
      return onBeacon(state, datagram, isProven, context);
    case 'bid':
      return { state: onBid(state, datagram, context), actions: [] };
    case 'offer':
      return { state: onOffer(state, datagram, context), actions: [] };
    case 'farewell':
      return onFarewell(state, datagram, context);
    default:
      return { state, actions: [] };
  }
}

/** What an agent does between its bid and taking over. */
export function stepBidding(
  state: ElectionState,
  event: ElectionEvent,
  context: ElectionContext,
): ElectionStep {
  const { nowMs } = context;
  if (event.type === 'timer-fired') {
    // It slept: what it would have heard in the meantime decides.
    if (nowMs - state.takeOverAtMs > electionTiming.leaseMs)
      return { state: listen(state, context), actions: [] };
    if (nowMs >= state.takeOverAtMs) return takeOver(state, context);
    const isDue = state.bidAgainAtMs !== undefined && nowMs >= state.bidAgainAtMs;
    return isDue ? sayBid({ ...state, bidAgainAtMs: undefined }, context) : { state, actions: [] };
  }
  if (event.type !== 'heard') return { state, actions: [] };
  const { datagram, isProven } = event;
  if (datagram.type === 'beacon') return follow(listen(state, context), datagram, isProven, context);
  if (datagram.type !== 'bid' || datagram.fitness === 0) return { state, actions: [] };
  if (isBetter(datagram, state) && state.yields < MAX_YIELDS) {
    return { state: yieldTo({ ...state, phase: ElectionPhase.inactive }, context), actions: [] };
  }
  const isJustSaid = nowMs - state.lastAnswerAtMs < electionTiming.answerGapMs;
  return isJustSaid ? { state, actions: [] } : sayBid(state, context);
}

/** From this beacon on this is the Active Agent for us. */
export function follow(
  state: ElectionState,
  beacon: LanDatagram,
  isProven: boolean,
  context: ElectionContext,
): ElectionStep {
  const { productNumber, instance, term, fitness } = beacon;
  const leader: Leader = { productNumber, instance, term, fitness, isProven, beacon };
  const isNew = state.leader?.productNumber !== productNumber || state.leader.instance !== instance;
  const following: ElectionState = {
    ...state,
    leader,
    term: Math.max(state.term, term),
    hasHadLeader: true,
    leaseEndsAtMs: context.nowMs + findLeaseMs(state, context),
    bidAtMs: undefined,
    yields: 0,
    ...(isNew ? { challengeAtMs: undefined, offerAtMs: undefined } : {}),
  };
  return {
    state: planAsFollower(following, context),
    actions: isNew ? [{ type: 'follow', leader }] : [],
  };
}

function findLeaseMs({ fitness }: ElectionState, { followerLeaseMs }: ElectionContext): number {
  return fitness === 0 && followerLeaseMs !== undefined ? followerLeaseMs : electionTiming.leaseMs;
}

/** Whether to offer oneself as standby, and whether to challenge the Active Agent, as it stands now. */
export function planAsFollower(state: ElectionState, { nowMs, random }: ElectionContext): ElectionState {
  const { leader, fitness } = state;
  if (leader === undefined) return state;
  if (fitness === 0) return { ...state, challengeAtMs: undefined, offerAtMs: undefined };
  const { other, otherFitness } = leader.beacon;
  const isStandby = other === state.productNumber;
  const wantsToBe = other === 0 || isClearlyBetter(state, { productNumber: other, fitness: otherFitness });
  const nextOfferMs = isStandby
    ? Math.min(state.offerAtMs ?? Infinity, nowMs + electionTiming.offerEveryMs)
    : (state.offerAtMs ?? nowMs + drawBackOffMs(electionTiming.offerBackOffMs, random));
  const afterMs = isPinnedOver(state, leader)
    ? electionTiming.pinnedChallengeAfterMs
    : electionTiming.challengeAfterMs;
  const challengeAtMs = isClearlyBetter(state, leader)
    ? (state.challengeAtMs ?? nowMs + afterMs + drawBackOffMs(electionTiming.challengeBackOffMs, random))
    : undefined;
  return { ...state, offerAtMs: isStandby || wantsToBe ? nextOfferMs : undefined, challengeAtMs };
}

function onTimer(state: ElectionState, context: ElectionContext): ElectionStep {
  const { nowMs, random } = context;
  if (state.leader !== undefined) {
    return nowMs >= state.leaseEndsAtMs ? loseLeader(state, context) : speakAsFollower(state, context);
  }
  if (state.fitness === 0 || nowMs < state.leaseEndsAtMs) return { state, actions: [] };
  if (state.bidAtMs === undefined) {
    const backOffMs = state.hasHadLeader ? electionTiming.backOffMs : electionTiming.coldBackOffMs;
    const bidAtMs = nowMs + planHandicapMs(state.fitness) + drawBackOffMs(backOffMs, random);
    return { state: { ...state, bidAtMs }, actions: [] };
  }
  return nowMs >= state.bidAtMs ? bid(state, context) : { state, actions: [] };
}

function speakAsFollower(state: ElectionState, context: ElectionContext): ElectionStep {
  const { nowMs, random } = context;
  if (state.challengeAtMs !== undefined && nowMs >= state.challengeAtMs) {
    const waitMs = electionTiming.challengeEveryMs + drawBackOffMs(electionTiming.challengeBackOffMs, random);
    return sayBid({ ...state, challengeAtMs: nowMs + waitMs }, context);
  }
  if (state.offerAtMs === undefined || nowMs < state.offerAtMs) return { state, actions: [] };
  const isStandby = state.leader?.beacon.other === state.productNumber;
  const waitMs = isStandby
    ? electionTiming.offerEveryMs
    : electionTiming.offerPauseMs + drawBackOffMs(electionTiming.offerBackOffMs, random);
  const { term, fitness } = state;
  return {
    state: { ...state, offerAtMs: nowMs + waitMs },
    actions: [{ type: 'say', statement: { type: 'offer', term, fitness, other: 0, otherFitness: 0 } }],
  };
}

/** The lease is over: the standby bids at once, the others by fitness and chance. */
function loseLeader(state: ElectionState, context: ElectionContext): ElectionStep {
  const wasStandby = state.leader?.beacon.other === state.productNumber;
  const alone = { ...listen(state, context), leaseEndsAtMs: context.nowMs };
  const step = wasStandby && state.fitness > 0 ? bid(alone, context) : onTimer(alone, context);
  return { state: step.state, actions: [{ type: 'follow', leader: undefined }, ...step.actions] };
}

function bid(state: ElectionState, context: ElectionContext): ElectionStep {
  const { nowMs } = context;
  return sayBid(
    {
      ...state,
      phase: ElectionPhase.bidding,
      bidAtMs: undefined,
      bidAgainAtMs: nowMs + electionTiming.bidAgainMs,
      takeOverAtMs: nowMs + electionTiming.bidMs,
    },
    context,
  );
}

function sayBid(state: ElectionState, { nowMs }: ElectionContext): ElectionStep {
  const { term, fitness } = state;
  return {
    state: { ...state, lastAnswerAtMs: nowMs },
    actions: [{ type: 'say', statement: { type: 'bid', term, fitness, other: 0, otherFitness: 0 } }],
  };
}

function takeOver(state: ElectionState, context: ElectionContext): ElectionStep {
  const term = Math.min(MAX_TERM, state.term + 1);
  const active: ElectionState = {
    ...listen(state, context),
    phase: ElectionPhase.active,
    term,
    activeSinceMs: context.nowMs,
  };
  const said = sayBeacon(active, context);
  return { state: said.state, actions: [{ type: 'become-active', term }, ...said.actions] };
}

function onBeacon(
  state: ElectionState,
  beacon: LanDatagram,
  isProven: boolean,
  context: ElectionContext,
): ElectionStep {
  const { leader } = state;
  if (leader !== undefined) {
    const isSame = leader.productNumber === beacon.productNumber && leader.instance === beacon.instance;
    // What is proven does not give way to what may be a recording.
    if (!isSame && leader.isProven && !isProven) return { state, actions: [] };
    const isFirmer = isProven && !leader.isProven;
    if (!isSame && !isFirmer && !prevails(beacon, leader)) return { state, actions: [] };
  }
  return follow(state, beacon, isProven, context);
}

function onBid(state: ElectionState, other: LanDatagram, context: ElectionContext): ElectionState {
  if (other.fitness === 0) return state;
  const { nowMs, random } = context;
  const isWorse = state.fitness > 0 && isClearlyBetter(state, other);
  if (state.leader !== undefined) {
    // Somebody as good challenges the Active Agent already.
    if (state.challengeAtMs === undefined || isWorse) return state;
    const waitMs = electionTiming.challengeEveryMs + drawBackOffMs(electionTiming.challengeBackOffMs, random);
    return { ...state, challengeAtMs: nowMs + electionTiming.challengeEveryMs + waitMs };
  }
  if (state.fitness === 0 || state.yields >= MAX_YIELDS) return state;
  if (!isWorse) return yieldTo(state, context);
  const objectAtMs = nowMs + drawBackOffMs(electionTiming.bidAgainMs, random);
  return {
    ...state,
    leaseEndsAtMs: Math.min(state.leaseEndsAtMs, nowMs),
    bidAtMs: Math.min(state.bidAtMs ?? Infinity, objectAtMs),
  };
}

/** Lets somebody's bid pass: its beacon is waited for. */
function yieldTo(state: ElectionState, { nowMs, random }: ElectionContext): ElectionState {
  const backOffMs = planHandicapMs(state.fitness) + drawBackOffMs(electionTiming.backOffMs, random);
  return {
    ...state,
    leaseEndsAtMs: nowMs,
    bidAtMs: nowMs + electionTiming.yieldMs + backOffMs,
    yields: state.yields + 1,
  };
}

/** Somebody as good wants to be the standby: one offer is enough. */
function onOffer(
  state: ElectionState,
  other: LanDatagram,
  { nowMs, random }: ElectionContext,
): ElectionState {
  const { leader, offerAtMs } = state;
  const isStandby = leader?.beacon.other === state.productNumber;
  if (offerAtMs === undefined || isStandby || isClearlyBetter(state, other)) return state;
  const waitMs = electionTiming.offerPauseMs + drawBackOffMs(electionTiming.offerBackOffMs, random);
  return { ...state, offerAtMs: nowMs + waitMs };
}

function onFarewell(state: ElectionState, farewell: LanDatagram, context: ElectionContext): ElectionStep {
  const { leader } = state;
  if (leader?.productNumber !== farewell.productNumber || leader.instance !== farewell.instance)
    return { state, actions: [] };
  const isSuccessor = farewell.other === state.productNumber && state.fitness > 0 && leader.isProven;
  const alone = listen(state, context);
  const step: ElectionStep = isSuccessor
    ? takeOver(alone, context)
    : {
        state: {
          ...alone,
          leaseEndsAtMs: context.nowMs + (farewell.other === 0 ? 0 : electionTiming.farewellMs),
        },
        actions: [],
      };
  return { state: step.state, actions: [{ type: 'follow', leader: undefined }, ...step.actions] };
}
