import {
  acknowledgementWait,
  defaultBackOff,
  HeartbeatWay,
  limits,
  planAfterUnansweredMs,
  planFirstHeartbeatMs,
  planHeartbeatRepeatMs,
  planNextHeartbeatMs,
  planRetryMs,
  planReturnMs,
  Transport,
  turnAfterUnanswered,
} from '@holdfast/protocol';
import {
  type CallFailure,
  initialProductState,
  Phase,
  type ProductAction,
  type ProductEvent,
  type ProductState,
  type ProductStep,
  type ProductTraits,
} from './product-state.ts';

const LAST_PROBE_WAIT_MS = 1_000;
const MISSES_BEFORE_NEW_CHOICE = 3;
/** By plain UDP, one heartbeat in so many asks for an answer by HTTPS. */
const UNANSWERED_BEFORE_QUESTION = 10;
/** In the place of how often it was sent: the call of the heartbeat lasts until the next one is due. */
const OVERDUE = 2;

type Draw = () => number;

/**
 * The managed product's side of the protocol as a decision: what it does, and when it looks again. It obeys the pacing of
 * docs/protocol.md, section 15. An event that does not fit the phase (an answer that came too late) changes nothing.
 *
 * @param draw the next number in [0, 1) of the product
 */
export function stepProduct(
  state: ProductState,
  event: ProductEvent,
  traits: ProductTraits,
  draw: Draw,
): ProductStep {
  switch (event.type) {
    case 'timer':
      return onTimer(state, traits, draw);
    case 'register':
      return state.phase === Phase.off
        ? act({ ...state, phase: Phase.registering }, { type: 'register' })
        : unchanged(state);
    case 'restart':
      return onRestart(state, event.afterMs);
    case 'silence':
      return { state: { ...state, phase: Phase.silent, sends: 0 }, actions: [], timer: 'none' };
    case 'registered':
      if (state.phase !== Phase.registering) return unchanged(state);
      if (state.isStarted) return beginHandshake({ ...state, failures: 0 });
      return { state: { ...state, phase: Phase.registered, failures: 0 }, actions: [], timer: 'none' };
    case 'awaiting-approval':
      if (state.phase !== Phase.registering) return unchanged(state);
      return wait({ ...state, phase: Phase.awaitingApproval, failures: 0 }, spread(event.retryAfterMs, draw));
    case 'handshaken': {
      if (state.phase !== Phase.handshaking) return unchanged(state);
      const settled: ProductState = {
        ...state,
        failures: 0,
        transport: Transport.https,
        intervalMs: traits.forcedIntervalMs ?? event.intervalMs,
        returnSpreadMs: event.returnSpreadMs,
        way: HeartbeatWay.udpTwice,
        missedByUdp: 0,
        sinceAnswerMs: 0,
        sends: 0,
        isFirstInterval: true,
        unanswered: 0,
      };
      return traits.usesUdp && event.takesDatagrams ? probe(settled) : choose(settled, 0, false);
    }
    case 'probe-acknowledged':
      return state.phase === Phase.probing ? choose(state, state.sends, true) : unchanged(state);
    case 'transport-chosen': {
      if (state.phase !== Phase.choosing) return unchanged(state);
      const connected: ProductState = {
        ...state,
        phase: Phase.connected,
        transport: event.transport,
        failures: 0,
        way: HeartbeatWay.udpTwice,
        missedByUdp: 0,
        sinceAnswerMs: 0,
        sends: 0,
      };
      return claimAlso(beat(connected, traits, draw), traits);
    }
    case 'acknowledged':
      return onAcknowledged(state, event, traits, draw);
    case 'notified':
      if (state.phase !== Phase.connected) return unchanged(state);
      if (event.handshakeAgain) return beginHandshake(state);
      return event.commandsWait ? claimAlso(unchanged(state), traits) : unchanged(state);
    case 'claim-ended': {
      const ended = { ...state, isClaiming: false };
      if (state.phase !== Phase.connected) return unchanged(ended);
      if (event.needsHandshake) return beginHandshake(ended);
      return event.isMore ? claimAlso(unchanged(ended), traits) : unchanged(ended);
    }
    case 'failed':
      return onFailed(state, event.failure, traits, draw);
  }
}

function onTimer(state: ProductState, traits: ProductTraits, draw: Draw): ProductStep {
  switch (state.phase) {
    case Phase.off:
    case Phase.registering:
    case Phase.awaitingApproval: {
      const isStarted = state.isStarted || state.phase === Phase.off;
      return act({ ...state, phase: Phase.registering, isStarted }, { type: 'register' });
    }
    case Phase.registered:
      return beginHandshake({ ...state, isStarted: true });
    case Phase.handshaking:
      return act(state, { type: 'handshake' });
    case Phase.probing:
      return state.sends < limits.probeCount ? probe(state) : choose(state, state.sends, false);
    case Phase.choosing:
      return choose(state, 0, false);
    case Phase.connected:
      return state.transport === Transport.udpAcknowledged && state.sends > 0
        ? onUnacknowledged(state, draw)
        : beat(state, traits, draw);
    default:
      return unchanged(state);
  }
}

function onRestart(state: ProductState, afterMs: number): ProductStep {
  if (state.phase === Phase.silent || state.phase === Phase.refused) return unchanged(state);
  const isRegistered =
    state.phase !== Phase.off && state.phase !== Phase.registering && state.phase !== Phase.awaitingApproval;
  const phase = isRegistered ? Phase.registered : Phase.off;
  return wait({ ...initialProductState, phase, isStarted: true }, afterMs);
}

function onAcknowledged(
  state: ProductState,
  event: Extract<ProductEvent, { type: 'acknowledged' }>,
  traits: ProductTraits,
  draw: Draw,
): ProductStep {
  if (state.phase !== Phase.connected) return unchanged(state);
  if (event.handshakeAgain) return beginHandshake(state);
  const isPlainUdp = state.transport === Transport.udp;
  // The second answer to one heartbeat: by UDP and by HTTPS, or repeated by the network.
  if (!isPlainUdp && state.sends === 0) return unchanged(state);
  const intervalMs = Math.min(
    limits.maxHeartbeatIntervalMs,
    Math.max(limits.minHeartbeatIntervalMs, event.nextIntervalMs),
  );
  const alive: ProductState = {
    ...state,
    failures: 0,
    intervalMs: traits.forcedIntervalMs ?? intervalMs,
    way: HeartbeatWay.udpTwice,
    missedByUdp: event.by === 'udp' ? 0 : state.missedByUdp,
    sends: 0,
    isFirstInterval: false,
  };
  // By plain UDP the timer runs already: the answer only brings news.
  if (isPlainUdp) return event.commandsWait ? claimAlso(unchanged(alive), traits) : unchanged(alive);
  if (alive.missedByUdp >= MISSES_BEFORE_NEW_CHOICE) return probe({ ...alive, missedByUdp: 0 });
  // From the first sending, which the server counts from.
  const waitedMs = state.sends > 1 ? state.repeatMs : 0;
  const plannedMs = planIntervalMs(state.isFirstInterval, alive.intervalMs, draw);
  const nextMs = state.isFirstInterval ? plannedMs : Math.max(0, plannedMs - waitedMs);
  const step = wait({ ...alive, sinceAnswerMs: waitedMs + nextMs }, nextMs);
  return event.commandsWait ? claimAlso(step, traits) : step;
}

function onFailed(state: ProductState, failure: CallFailure, traits: ProductTraits, draw: Draw): ProductStep {
  const failed = failure.call === 'claim' ? { ...state, isClaiming: false } : state;
  if (!isAwaited(state, failure)) return unchanged(failed);
  if (failure.kind === 'handshake') return beginHandshake(failed);
  // What waits is still queued, and the next acknowledgement says so again.
  if (failure.call === 'claim') return unchanged(failed);
  // A question beside the datagram; the next one is asked at its time.
  if (failure.call === 'heartbeat' && state.transport === Transport.udp) return unchanged(failed);
  if (failure.kind === 'final')
    return { state: { ...state, phase: Phase.refused }, actions: [], timer: 'none' };
  if (failure.call === 'heartbeat' && state.transport === Transport.udpAcknowledged)
    return onHeartbeatRefused(failed, failure, traits, draw);
  // Section 15: a handshake is repeated whatever was said, within the longest wait.
  const failures = failure.kind === 'never' ? 31 : Math.min(31, state.failures + 1);
  const waitMs =
    failure.kind === 'unreachable'
      ? planReturnMs(failures, draw(), state.returnSpreadMs, failure.retryAfterMs)
      : planRetryMs(failures, draw(), defaultBackOff, failure.retryAfterMs);
  return wait({ ...failed, failures, sends: 0 }, waitMs);
}

/** False for the failure of a call that belongs to an earlier phase. */
function isAwaited(state: ProductState, failure: CallFailure): boolean {
  switch (failure.call) {
    case 'registration':
      return state.phase === Phase.registering;
    case 'handshake':
      return state.phase === Phase.handshaking;
    case 'transport':
      return state.phase === Phase.choosing;
    case 'heartbeat':
    case 'claim':
      return state.phase === Phase.connected;
  }
}

function beginHandshake(state: ProductState): ProductStep {
  return act({ ...state, phase: Phase.handshaking, sends: 0, isClaiming: false }, { type: 'handshake' });
}

function probe(state: ProductState): ProductStep {
  const sequence = state.phase === Phase.probing ? state.sends + 1 : 1;
  const isLast = sequence === limits.probeCount;
  return {
    state: { ...state, phase: Phase.probing, sends: sequence },
    actions: [{ type: 'probe', sequence }],
    timer: isLast ? LAST_PROBE_WAIT_MS : limits.probePauseMs,
  };
}

function choose(state: ProductState, probesSent: number, acknowledged: boolean): ProductStep {
  return act({ ...state, phase: Phase.choosing }, { type: 'choose-transport', probesSent, acknowledged });
}

function beat(state: ProductState, traits: ProductTraits, draw: Draw): ProductStep {
  switch (state.transport) {
    case Transport.https:
      return act({ ...state, sends: 1 }, { type: 'heartbeat', by: 'https', isNew: true });
    case Transport.udpAcknowledged:
      return beatInTurn(state, draw);
    case Transport.udp: {
      const asks = state.unanswered + 1 >= UNANSWERED_BEFORE_QUESTION;
      const step: ProductStep = {
        state: { ...state, unanswered: asks ? 0 : state.unanswered + 1, isFirstInterval: false },
        actions: [
          { type: 'heartbeat', by: 'udp', isNew: true },
          ...(asks ? [{ type: 'heartbeat', by: 'https', isNew: false } as const] : []),
        ],
        timer: planIntervalMs(state.isFirstInterval, state.intervalMs, draw),
      };
      return claimAlso(step, traits);
    }
  }
}

/** Section 12: twice by UDP while the product is heard, else one attempt by HTTPS and by UDP in turn. */
function beatInTurn(state: ProductState, draw: Draw): ProductStep {
  const { way, intervalMs } = state;
  if (way === HeartbeatWay.https) {
    return {
      state: { ...state, sends: 1, repeatMs: 0 },
      actions: [{ type: 'heartbeat', by: 'https', isNew: true }],
      // The regular time of the next one, whatever comes of the call.
      timer: planUnansweredMs(state, draw),
    };
  }
  const repeatMs = way === HeartbeatWay.udpTwice ? planHeartbeatRepeatMs(intervalMs, draw()) : 0;
  return {
    state: { ...state, sends: 1, repeatMs },
    actions: [{ type: 'heartbeat', by: 'udp', isNew: true }],
    timer: repeatMs > 0 ? repeatMs : acknowledgementWait.lastMs,
  };
}

/** The wait for an acknowledgement is over: the same bytes go once more, or the heartbeat is lost. */
function onUnacknowledged(state: ProductState, draw: Draw): ProductStep {
  // The end of the call leads on.
  if (state.way === HeartbeatWay.https) return unchanged({ ...state, sends: OVERDUE });
  const isHeard = state.way === HeartbeatWay.udpTwice;
  if (isHeard && state.sends === 1) {
    return {
      state: { ...state, sends: 2 },
      actions: [{ type: 'heartbeat', by: 'udp', isNew: false }],
      timer: acknowledgementWait.lastMs,
    };
  }
  const waitedMs = state.repeatMs + acknowledgementWait.lastMs;
  // Silence while the server may be away says nothing about the way.
  const missedByUdp = Math.min(255, state.missedByUdp + (isHeard ? 1 : 0));
  return wait({ ...lose(state), missedByUdp }, Math.max(0, planUnansweredMs(state, draw) - waitedMs));
}

/** By HTTPS: the next one goes at its regular time, or when the server asked for it to come back. */
function onHeartbeatRefused(
  state: ProductState,
  failure: CallFailure,
  traits: ProductTraits,
  draw: Draw,
): ProductStep {
  // It answers to a heartbeat before this one.
  if (state.way !== HeartbeatWay.https || state.sends === 0) return unchanged(state);
  const lost = lose(state);
  if (failure.retryAfterMs > 0) {
    const regularMs = planUnansweredMs(state, draw);
    return wait(lost, Math.max(regularMs, spread(failure.retryAfterMs, draw)));
  }
  return state.sends === OVERDUE ? beat(lost, traits, draw) : unchanged(lost);
}

function lose(state: ProductState): ProductState {
  return {
    ...state,
    way: turnAfterUnanswered(state.way),
    failures: Math.min(31, state.failures + 1),
    sinceAnswerMs: 0,
    sends: 0,
  };
}

/** The regular time of the next heartbeat, from the first sending of one that was not answered. */
function planUnansweredMs({ intervalMs, sinceAnswerMs }: ProductState, draw: Draw): number {
  const sinceMs = sinceAnswerMs > 0 ? sinceAnswerMs : Number.POSITIVE_INFINITY;
  return planAfterUnansweredMs(intervalMs, draw(), sinceMs);
}

function planIntervalMs(isFirst: boolean, intervalMs: number, draw: Draw): number {
  return isFirst ? planFirstHeartbeatMs(intervalMs, draw()) : planNextHeartbeatMs(intervalMs, draw());
}

/** At least as long as was asked for, and up to as much again. */
function spread(atLeastMs: number, draw: Draw): number {
  return atLeastMs * (1 + draw());
}

function claimAlso(step: ProductStep, traits: ProductTraits): ProductStep {
  if (!traits.obeysCommands || step.state.isClaiming) return step;
  return {
    ...step,
    state: { ...step.state, isClaiming: true },
    actions: [...step.actions, { type: 'claim' }],
  };
}

/** The answer of the call is what happens next, so no timer runs. */
function act(state: ProductState, action: ProductAction): ProductStep {
  return { state, actions: [action], timer: 'none' };
}

function wait(state: ProductState, timer: number): ProductStep {
  return { state, actions: [], timer };
}

function unchanged(state: ProductState): ProductStep {
  return { state, actions: [], timer: 'keep' };
}
