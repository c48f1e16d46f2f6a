import {
  defaultBackOff,
  limits,
  planFirstHeartbeatMs,
  planNextHeartbeatMs,
  planRetryMs,
  planReturnMs,
  Transport,
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

/** docs/protocol.md, section 12: waits for an acknowledgement after the first and the second sending. */
const ACKNOWLEDGEMENT_WAITS_MS = [1_000, 2_000] as const;
const LAST_PROBE_WAIT_MS = 1_000;
const MISSES_BEFORE_NEW_CHOICE = 3;
/** By plain UDP, one heartbeat in so many asks for an answer by HTTPS. */
const UNANSWERED_BEFORE_QUESTION = 10;

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
        missedByUdp: 0,
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
        missedByUdp: 0,
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
      return onFailed(state, event.failure, draw);
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
        ? beatAgain(state)
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
    missedByUdp: event.by === 'udp' ? 0 : state.missedByUdp,
    sends: 0,
    isFirstInterval: false,
  };
  // By plain UDP the timer runs already: the answer only brings news.
  if (isPlainUdp) return event.commandsWait ? claimAlso(unchanged(alive), traits) : unchanged(alive);
  if (alive.missedByUdp >= MISSES_BEFORE_NEW_CHOICE) return probe({ ...alive, missedByUdp: 0 });
  const step = wait(alive, planIntervalMs(state.isFirstInterval, alive.intervalMs, draw));
  return event.commandsWait ? claimAlso(step, traits) : step;
}

function onFailed(state: ProductState, failure: CallFailure, draw: Draw): ProductStep {
  const failed = failure.call === 'claim' ? { ...state, isClaiming: false } : state;
  if (!isAwaited(state, failure)) return unchanged(failed);
  if (failure.kind === 'handshake') return beginHandshake(failed);
  // What waits is still queued, and the next acknowledgement says so again.
  if (failure.call === 'claim') return unchanged(failed);
  // A question beside the datagram; the next one is asked at its time.
  if (failure.call === 'heartbeat' && state.transport === Transport.udp) return unchanged(failed);
  if (failure.kind === 'final')
    return { state: { ...state, phase: Phase.refused }, actions: [], timer: 'none' };
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
      return {
        state: { ...state, sends: 1 },
        actions: [{ type: 'heartbeat', by: 'udp', isNew: true }],
        timer: ACKNOWLEDGEMENT_WAITS_MS[0],
      };
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

/** The same bytes: once more by UDP, then by HTTPS. */
function beatAgain(state: ProductState): ProductStep {
  if (state.sends === 1) {
    return {
      state: { ...state, sends: 2 },
      actions: [{ type: 'heartbeat', by: 'udp', isNew: false }],
      timer: ACKNOWLEDGEMENT_WAITS_MS[1],
    };
  }
  const missed = { ...state, sends: 3, missedByUdp: state.missedByUdp + 1 };
  return act(missed, { type: 'heartbeat', by: 'https', isNew: false });
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
