import { FetchReason } from './member-state.ts';
import type {
  Distrust,
  FetchOutcome,
  LanOffer,
  MemberContext,
  MemberEvent,
  MemberPlan,
  MemberState,
  MemberStep,
} from './member-state.ts';

/** All times of a member, in milliseconds. They bound how long a bad Active Agent can delay it; docs/active-agent.md has the sum. */
export const memberTiming = {
  /** From when a fetch at the Active Agent may begin to when it has to have succeeded. */
  patienceMs: 10 * 60_000,
  urgentPatienceMs: 60_000,
  /** So long one fetch may go on at the Active Agent, however steadily it drips. */
  transferMs: 30 * 60_000,
  urgentTransferMs: 5 * 60_000,
  /** How long after the server's word the Active Agent may still not have it. */
  graceMs: 10 * 60_000,
  urgentGraceMs: 30_000,
  /** Urgent things that come from the server after all are spread over this, so that it does not get all at once. */
  urgentSpreadMs: 30_000,
  /** A LAN gets so long to elect somebody. */
  electionMs: 10_000,
  minBusyMs: 1_000,
  /** Of the first failure of an Active Agent; it doubles with each. */
  distrustMs: 10 * 60_000,
  maxDistrustMs: 6 * 3_600_000,
  serverRetryMs: 60_000,
  maxServerRetryMs: 3_600_000,
} as const;

const MAX_DISTRUSTED = 64;

/**
 * What an agent fetches from whom, and when. Pure: time and chance come in.
 *
 * Invariant: what the server says there is, is fetched within a bounded time, whatever the Active Agent says or does.
 */
export function stepMember(state: MemberState, event: MemberEvent, context: MemberContext): MemberStep {
  return settle(apply(state, event, context), context);
}

/** When `timer-fired` has to come at the latest. */
export function findMemberDeadlineMs(state: MemberState): number {
  return (state.isFetching === undefined ? state.plan?.atMs : state.lanEndsAtMs) ?? Infinity;
}

function apply(state: MemberState, event: MemberEvent, context: MemberContext): MemberState {
  const { nowMs } = context;
  switch (event.type) {
    case 'offer-changed':
      return {
        ...state,
        offer: event.offer,
        aloneSinceMs: event.offer === undefined && state.offer !== undefined ? nowMs : state.aloneSinceMs,
      };
    case 'became-active':
      return { ...state, isActive: true, plan: undefined };
    case 'became-inactive':
      return { ...state, isActive: false, aloneSinceMs: nowMs, plan: undefined };
    case 'server-said':
      return onServerSaid(state, event, context);
    case 'update-wanted':
      return { ...state, isWanted: true, serverFailures: 0, plan: undefined };
    case 'fetch-ended':
      return onFetchEnded(state, event.outcome, context);
    case 'timer-fired':
      return state;
  }
}

function onServerSaid(
  state: MemberState,
  said: { readonly revision: number; readonly urgentRevision: number },
  { nowMs }: MemberContext,
): MemberState {
  const { revision, serverRevision, serverUrgentRevision } = state;
  return {
    ...state,
    serverRevision: Math.max(serverRevision, said.revision),
    serverUrgentRevision: Math.max(serverUrgentRevision, said.urgentRevision),
    // A server that publishes again and again does not put off what is late already.
    behindSinceMs: serverRevision > revision ? state.behindSinceMs : nowMs,
    urgentSinceMs: serverUrgentRevision > revision ? state.urgentSinceMs : nowMs,
  };
}

/** Plans what is to be fetched, and begins it when its time has come. */
function settle(state: MemberState, context: MemberContext): MemberStep {
  if (state.isFetching !== undefined) return watchFetch(state, context);
  const plan = planFetch(state, context);
  if (plan === undefined || context.nowMs < plan.atMs) return { state: { ...state, plan }, actions: [] };
  const begun = { ...state, plan, goal: state.offer?.revision ?? 0, asked: state.offer?.productNumber ?? 0 };
  return plan.reason === 'news'
    ? {
        state: { ...begun, isFetching: 'lan', lanEndsAtMs: context.nowMs + findTransferMs(plan.isUrgent) },
        actions: [{ type: 'fetch-from-lan', productNumber: state.offer?.productNumber ?? 0 }],
      }
    : { state: { ...begun, isFetching: 'server' }, actions: [{ type: 'fetch-from-server' }] };
}

/** Ends what the Active Agent drags out; what becomes urgent meanwhile waits no longer than if it had been so from now on. */
function watchFetch(state: MemberState, context: MemberContext): MemberStep {
  if (state.lanEndsAtMs === undefined) return { state, actions: [] };
  const boundMs = context.nowMs + findTransferMs(isUrgentNow(state, context));
  const lanEndsAtMs = Math.min(state.lanEndsAtMs, boundMs);
  return context.nowMs < lanEndsAtMs
    ? { state: { ...state, lanEndsAtMs }, actions: [] }
    : { state: { ...state, lanEndsAtMs: undefined }, actions: [{ type: 'abort-fetch' }] };
}

function findTransferMs(isUrgent: boolean): number {
  return isUrgent ? memberTiming.urgentTransferMs : memberTiming.transferMs;
}

function planFetch(state: MemberState, context: MemberContext): MemberPlan | undefined {
  const reason = findReason(state, context);
  const { plan } = state;
  // Whether it was right or not: whoever was disappointed asks the server once.
  if (plan?.reason === 'disappointed') return plan;
  if (reason === undefined) return undefined;
  const isLan = reason === 'news';
  if (plan?.reason === 'retry' && !isLan) return plan;
  if (plan?.reason === 'news' && isLan && context.nowMs >= plan.patienceEndsAtMs)
    return goToServer(context, plan.isUrgent);
  const isUrgent = isUrgentNow(state, context);
  // What was drawn stays, so that whoever talks much does not put it off.
  const isKept = plan?.reason === reason && (plan.isUrgent || !isUrgent);
  return isKept ? plan : drawPlan(reason, isUrgent, state, context);
}

function findReason(state: MemberState, context: MemberContext): FetchReason | undefined {
  const { revision, serverRevision, isWanted } = state;
  const offer = findOffer(state, context);
  const isBehind = serverRevision > revision;
  if (state.isActive) return isBehind || isWanted ? FetchReason.active : undefined;
  if (offer === undefined) return isBehind || isWanted ? FetchReason.alone : undefined;
  if (offer.revision > revision || isWanted) return FetchReason.news;
  return isBehind ? FetchReason.late : undefined;
}

function drawPlan(
  reason: FetchReason,
  isUrgent: boolean,
  state: MemberState,
  { nowMs, random, windowMs, isOnLan }: MemberContext,
): MemberPlan {
  const at = (atMs: number, patienceEndsAtMs = Infinity): MemberPlan => ({
    reason,
    isUrgent,
    atMs: Math.max(nowMs, atMs),
    patienceEndsAtMs,
  });
  const graceMs = isUrgent ? memberTiming.urgentGraceMs : memberTiming.graceMs;
  const patienceMs = isUrgent ? memberTiming.urgentPatienceMs : memberTiming.patienceMs;
  const spreadMs = isUrgent ? Math.min(windowMs, memberTiming.urgentSpreadMs) : windowMs;
  const sinceMs = isUrgent && !state.isWanted ? state.urgentSinceMs : state.behindSinceMs;
  switch (reason) {
    case 'late':
      return at(sinceMs + graceMs + random * spreadMs);
    case 'news': {
      // However an Active Agent times its words: all waits together end.
      const isBehind = state.serverRevision > state.revision;
      const boundMs = isBehind && !state.isWanted ? sinceMs + graceMs + spreadMs + patienceMs : Infinity;
      const atMs = nowMs + (isUrgent ? 0 : random * windowMs);
      return at(Math.min(atMs, boundMs), Math.min(atMs + patienceMs, boundMs));
    }
    case 'alone':
      return at(state.isWanted || !isOnLan ? nowMs : state.aloneSinceMs + memberTiming.electionMs);
    default:
      return at(nowMs);
  }
}

function goToServer({ nowMs }: MemberContext, isUrgent: boolean): MemberPlan {
  return { reason: FetchReason.disappointed, isUrgent, atMs: nowMs, patienceEndsAtMs: Infinity };
}

function isUrgentNow(state: MemberState, context: MemberContext): boolean {
  const { isWanted, serverUrgentRevision, revision } = state;
  const urgentRevision = Math.max(serverUrgentRevision, findOffer(state, context)?.urgentRevision ?? 0);
  return isWanted || urgentRevision > revision;
}

/** The offer, unless who makes it has disappointed lately. */
function findOffer({ offer, distrusted }: MemberState, { nowMs }: MemberContext): LanOffer | undefined {
  const isDistrusted = distrusted.some(
    ({ productNumber, untilMs }) => productNumber === offer?.productNumber && nowMs < untilMs,
  );
  return isDistrusted ? undefined : offer;
}

function onFetchEnded(before: MemberState, outcome: FetchOutcome, context: MemberContext): MemberState {
  const from = before.isFetching;
  const state = { ...before, isFetching: undefined, lanEndsAtMs: undefined };
  if (from === undefined) return state;
  if (outcome.type === 'done') {
    const done: MemberState = {
      ...state,
      revision: Math.max(state.revision, outcome.revision),
      isWanted: false,
      plan: undefined,
    };
    if (from === 'server') return forgetStaleWord({ ...done, serverFailures: 0 }, outcome.revision);
    // It said that it had more than it gave.
    return outcome.revision < before.goal ? distrust(done, context) : done;
  }
  return from === 'lan' ? onLanFailed(state, outcome, context) : onServerFailed(state, outcome, context);
}

function onServerFailed(
  state: MemberState,
  outcome: Exclude<FetchOutcome, { type: 'done' }>,
  { nowMs, random }: MemberContext,
): MemberState {
  const waitMs =
    outcome.type === 'busy'
      ? Math.max(memberTiming.minBusyMs, outcome.retryAfterMs)
      : memberTiming.serverRetryMs * 2 ** state.serverFailures;
  return {
    ...state,
    serverFailures: Math.min(10, state.serverFailures + (outcome.type === 'failed' ? 1 : 0)),
    plan: {
      reason: FetchReason.retry,
      isUrgent: true,
      atMs: nowMs + Math.min(memberTiming.maxServerRetryMs, waitMs) * (1 + random / 2),
      patienceEndsAtMs: Infinity,
    },
  };
}

/** The signed list says less than the heartbeat did: it is the list that counts, until the server says something else. */
function forgetStaleWord(state: MemberState, revision: number): MemberState {
  const { serverRevision, serverUrgentRevision } = state;
  if (serverRevision <= revision) return state;
  return {
    ...state,
    serverRevision: revision,
    serverUrgentRevision: Math.min(serverUrgentRevision, revision),
  };
}

function onLanFailed(
  state: MemberState,
  outcome: Exclude<FetchOutcome, { type: 'done' }>,
  context: MemberContext,
): MemberState {
  const { nowMs, random } = context;
  const { plan } = state;
  const isUrgent = plan?.isUrgent === true;
  if (outcome.type === 'failed') return { ...distrust(state, context), plan: goToServer(context, isUrgent) };
  const atMs = nowMs + Math.max(memberTiming.minBusyMs, outcome.retryAfterMs) * (1 + random / 2);
  const isPatient = plan !== undefined && atMs < plan.patienceEndsAtMs;
  return { ...state, plan: isPatient ? { ...plan, atMs } : goToServer(context, isUrgent) };
}

/** Whoever was asked: another one may be followed since. */
function distrust(state: MemberState, { nowMs }: MemberContext): MemberState {
  const productNumber = state.asked;
  if (productNumber === 0) return state;
  const others = state.distrusted.filter((one) => one.productNumber !== productNumber);
  const failures = (state.distrusted.find((one) => one.productNumber === productNumber)?.failures ?? 0) + 1;
  const forMs = Math.min(memberTiming.maxDistrustMs, memberTiming.distrustMs * 2 ** (failures - 1));
  const one: Distrust = { productNumber, failures, untilMs: nowMs + forMs };
  return { ...state, distrusted: [...others, one].slice(-MAX_DISTRUSTED) };
}
