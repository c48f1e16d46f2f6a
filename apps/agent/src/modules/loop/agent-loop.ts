import { AppError, type Clock } from '@holdfast/kernel';
import type { HandshakeOutcome, SentHeartbeat, TransportAnswer } from '@holdfast/protocol';
import { codeOf, describeError, type Log } from '../../platform/log.ts';
import type { LoopTimer } from '../../platform/timers.ts';
import type { ConnectionHistory } from '../status/index.ts';
import type { AgentAction, AgentEvent } from './agent-event.ts';
import { type AgentState, initialAgentState, Phase } from './agent-state.ts';
import { stepAgent } from './agent-step.ts';
import { classifyFailure } from './call-failure.ts';
import type { Errand } from './errand.ts';

/** What the loop asks of the server. */
export interface LoopCalls {
  handshake(): Promise<HandshakeOutcome>;
  negotiateTransport(): Promise<TransportAnswer>;
  sendHeartbeat(needs: { readonly needsAnswer: boolean }): Promise<SentHeartbeat>;
  /** Sends what waits and says goodbye. Bounded in time by itself. */
  farewell(): Promise<void>;
}

/** Told of every event after its step. */
export type LoopListener = (event: AgentEvent, before: AgentState, after: AgentState) => void;

export interface AgentLoopOptions {
  readonly calls: LoopCalls;
  /** In the order in which they begin when they begin at the same time. */
  readonly errands: readonly Errand[];
  readonly timer: LoopTimer;
  readonly clock: Clock;
  readonly random: () => number;
  readonly history: ConnectionHistory;
  readonly log: Log;
  /** True for a failure that is told elsewhere. */
  readonly isTold?: (error: unknown) => boolean;
  /** A failure that waiting does not cure, such as a damaged state file. */
  readonly onFatal: (error: AppError) => void;
}

export interface AgentLoop {
  readonly state: AgentState;
  start(): void;
  /** Names one of its errands. */
  want(errand: string): void;
  /** The same, without hurry: with the next sign of a connection. */
  wantSoon(errand: string): void;
  /** Brings a heartbeat forward, or makes another handshake, where there is a connection. */
  beat(): void;
  shakeHandsAgain(): void;
  /** Until the function that is answered is called. */
  listen(listener: LoopListener): () => void;
  /** The address of this computer is another one, or it has slept. */
  notifySurroundingsChange(): void;
  /** Resolves when the farewell is over. */
  stop(): Promise<void>;
}

/** Does what the core decides, and tells it what came of it. */
export function createAgentLoop(options: AgentLoopOptions): AgentLoop {
  const { calls, errands, timer, clock, random, history, log } = options;
  const finished = Promise.withResolvers<void>();
  const byName = new Map(errands.map((errand) => [errand.name, errand]));
  if (byName.size !== errands.length) throw new TypeError('"errands" expected names of their own');
  let state = initialAgentState;

  const listeners = new Set<LoopListener>();

  const dispatch = (event: AgentEvent): void => {
    const before = state;
    const step = stepAgent(state, event, { nowMs: clock.monotonic(), random: random(), errands });
    state = step.state;
    reportChange(before, state, event);
    const after = state;
    for (const action of step.actions) perform(action);
    for (const listener of listeners) listener(event, before, after);
  };

  const reportChange = (before: AgentState, after: AgentState, event: AgentEvent): void => {
    history.update({ phase: after.phase });
    if (before.phase === after.phase) return;
    const facts = 'failure' in event ? { failure: event.failure } : {};
    if (after.phase === Phase.connected && before.phase === Phase.reconnecting) {
      log.info('CONNECTED_AGAIN', 'The server answers again.');
    } else if (after.phase === Phase.reconnecting) {
      log.warn('CONNECTION_LOST', 'The server does not answer. It is tried again.', facts);
    }
  };

  /** What each call failed with last: a failure that repeats itself is said once. */
  const lastCodes = new Map<string, string>();

  /** Runs a call; its end becomes an event, whatever happens. */
  const attempt = (
    name: string,
    call: () => Promise<AgentEvent>,
    describe: (failed: ReturnType<typeof classifyFailure>) => AgentEvent,
  ): void => {
    const end = (event: AgentEvent): void => {
      lastCodes.delete(name);
      dispatch(event);
    };
    call().then(end, (error: unknown) => {
      // Failures of what was under way at the stop do not matter: its sockets and its database are closed.
      if (state.phase === Phase.stopped) return;
      noteFailure(name, error);
      dispatch(describe(classifyFailure(error)));
    });
  };

  const noteFailure = (name: string, error: unknown): void => {
    const code = codeOf(error);
    const isNew = lastCodes.get(name) !== code;
    lastCodes.set(name, code);
    if (!(error instanceof AppError)) {
      if (isNew) log.error(code, `A fault of the agent in ${name}: ${describeError(error)}`);
    } else if (error.code === 'STATE_DAMAGED') {
      options.onFatal(error);
    } else if (isNew && (code !== history.current.lastFailureCode || state.failures === 0)) {
      // Only what is new is said: a week without a server is not a week of lines.
      const remedy = error.remedy === undefined ? '' : ` ${error.remedy}`;
      if (options.isTold?.(error) !== true)
        log.warn(error.code, `${error.message}${remedy}`, { call: name, ...error.facts });
    }
    history.recordFailure(code);
  };

  const perform = (action: AgentAction): void => {
    switch (action.type) {
      case 'set-timer':
        return timer.set(action.delayMs, () => dispatch({ type: 'timer-fired' }));
      case 'clear-timer':
        return timer.clear();
      case 'handshake':
        return attempt('handshake', shakeHands, (failed) => ({ type: 'handshake-failed', ...failed }));
      case 'choose-transport':
        return attempt(
          'the choice of the transport',
          () => chooseTransport(action.handshakeNumber),
          (failed) => ({ type: 'transport-failed', handshakeNumber: action.handshakeNumber, ...failed }),
        );
      case 'send-heartbeat':
        return attempt(
          'a heartbeat',
          () => sendHeartbeat(action),
          (failed) => ({ type: 'heartbeat-failed', handshakeNumber: action.handshakeNumber, ...failed }),
        );
      case 'start-errand':
        return startErrand(action);
      case 'farewell':
        return attempt(
          'the farewell',
          async () => {
            await calls.farewell();
            return { type: 'farewell-finished' };
          },
          () => ({ type: 'farewell-finished' }),
        );
      case 'finish':
        return finished.resolve();
    }
  };

  const startErrand = ({ errand, handshakeNumber }: AgentAction & { readonly type: 'start-errand' }): void =>
    attempt(
      `the errand ${errand}`,
      async () => {
        const wanted = getErrand(errand);
        const { again } = await wanted.run();
        if (wanted.needsServer !== false) history.recordContact();
        return { type: 'errand-finished', errand, again };
      },
      (failed) => ({ type: 'errand-failed', errand, handshakeNumber, ...failed }),
    );

  const getErrand = (name: string): Errand => {
    const errand = byName.get(name);
    if (errand === undefined) throw new TypeError(`There is no errand ${name}`);
    return errand;
  };

  const shakeHands = async (): Promise<AgentEvent> => {
    const outcome = await calls.handshake();
    history.recordServerTime(outcome.serverTimeMs);
    history.recordContact();
    history.update({ serverAddress: outcome.address, lastFailureCode: undefined, lastFailureAt: undefined });
    for (const { code, skewMs } of outcome.warnings) {
      const text =
        code === 'CLOCK_SKEW'
          ? 'The clock of this computer differs from that of the server. Everything works; times in records will look wrong.'
          : 'The server warns.';
      log.warn(code, text, skewMs === undefined ? {} : { skewMs });
    }
    log.info('CONNECTED', 'The handshake with the server succeeded.', {
      server: outcome.address,
      productNumber: outcome.productNumber,
      epoch: outcome.epoch,
    });
    const { intervalMs, returnSpreadMs } = outcome;
    return { type: 'handshake-succeeded', intervalMs, returnSpreadMs };
  };

  const chooseTransport = async (handshakeNumber: number): Promise<AgentEvent> => {
    const { transport, reason } = await calls.negotiateTransport();
    history.recordContact();
    if (transport !== history.current.transport || reason !== history.current.transportReason) {
      history.update({ transport, transportReason: reason });
      log.info('TRANSPORT_CHOSEN', `Heartbeats travel by ${transport}.`, { reason });
    }
    return { type: 'transport-chosen', handshakeNumber, transport };
  };

  const sendHeartbeat = async ({
    handshakeNumber,
    needsAnswer,
  }: AgentAction & { readonly type: 'send-heartbeat' }): Promise<AgentEvent> => {
    const { acknowledgement, missedByUdp } = await calls.sendHeartbeat({ needsAnswer });
    if (acknowledgement === undefined) return { type: 'heartbeat-sent', handshakeNumber };
    history.recordContact();
    history.recordServerTime(acknowledgement.serverTimeMs);
    const { nextIntervalMs, commandsWait, handshakeAgain, idle, catalogueVersion } = acknowledgement;
    return {
      type: 'heartbeat-acknowledged',
      handshakeNumber,
      nextIntervalMs,
      commandsWait,
      handshakeAgain,
      idle,
      missedByUdp,
      catalogueVersion,
    };
  };

  return {
    get state() {
      return state;
    },
    start: () => dispatch({ type: 'started' }),
    want: (errand) => dispatch({ type: 'errand-wanted', errand: getErrand(errand).name }),
    wantSoon: (errand) => dispatch({ type: 'errand-due', errand: getErrand(errand).name }),
    beat: () => dispatch({ type: 'heartbeat-wanted' }),
    shakeHandsAgain: () => dispatch({ type: 'handshake-wanted' }),
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    notifySurroundingsChange: () => dispatch({ type: 'surroundings-changed' }),
    stop: async () => {
      if (state.phase === Phase.stopped) return;
      dispatch({ type: 'stop-requested' });
      await finished.promise;
    },
  };
}
