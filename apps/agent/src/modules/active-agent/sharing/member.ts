import { AppError, type Clock } from '@holdfast/kernel';
import { codeOf, describeError, type Log } from '../../../platform/log.ts';
import {
  createMemberState,
  type FetchOutcome,
  type LanOffer,
  type MemberEvent,
  type MemberState,
} from './member-state.ts';
import { findMemberDeadlineMs, stepMember } from './member-step.ts';

/** Timers of the runtime are no longer. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface MemberOptions {
  /** That this agent has already. */
  readonly revision: number;
  readonly findWindowMs: () => number;
  readonly isOnLan: () => boolean;
  /** Fetches what this agent needs; from `givenUp` on the Active Agent is asked no more. @returns the state that it then has */
  readonly fetch: (from: 'lan' | 'server', signal: AbortSignal, givenUp: AbortSignal) => Promise<number>;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly random: () => number;
  readonly log: Log;
}

/** Does what `stepMember` decides. */
export interface Member {
  readonly state: MemberState;
  start(): void;
  setOffer(offer: LanOffer | undefined): void;
  setActive(isActive: boolean): void;
  setRevision(revision: number): void;
  noteServerWord(revision: number, urgentRevision: number): void;
  updateNow(): void;
  stop(): void;
}

export function createMember(options: MemberOptions): Member {
  const { clock, random, log } = options;
  let state = createMemberState(options.revision, clock.monotonic());
  let timer: NodeJS.Timeout | undefined;
  let stopping = new AbortController();
  /** Of the fetch under way. */
  let givingUp = new AbortController();
  let isRunning = false;

  const dispatch = (event: MemberEvent): void => {
    const context = {
      nowMs: clock.monotonic(),
      random: random(),
      windowMs: options.findWindowMs(),
      isOnLan: options.isOnLan(),
    };
    if (!isRunning) return;
    const step = stepMember(state, event, context);
    state = step.state;
    for (const action of step.actions) {
      if (action.type === 'abort-fetch') givingUp.abort();
      else void fetch(action.type === 'fetch-from-lan' ? 'lan' : 'server');
    }
    clearTimeout(timer);
    const deadlineMs = findMemberDeadlineMs(state);
    if (!Number.isFinite(deadlineMs)) return;
    const waitMs = Math.min(MAX_TIMER_MS, Math.max(1, Math.ceil(deadlineMs - clock.monotonic())));
    timer = setTimeout(() => dispatch({ type: 'timer-fired' }), waitMs);
    timer.unref();
  };

  const fetch = async (from: 'lan' | 'server'): Promise<void> => {
    const { signal } = stopping;
    givingUp = new AbortController();
    let outcome: FetchOutcome;
    try {
      outcome = { type: 'done', revision: await options.fetch(from, signal, givingUp.signal) };
    } catch (error) {
      if (signal.aborted) return;
      outcome = outcomeOf(error);
      log.info(
        codeOf(error),
        `An update did not come from ${from === 'lan' ? 'the Active Agent' : 'the server'}: ${describeError(error)}`,
      );
    }
    if (!signal.aborted) dispatch({ type: 'fetch-ended', outcome });
  };

  return {
    get state() {
      return state;
    },
    start: () => {
      isRunning = true;
      stopping = new AbortController();
      state = createMemberState(state.revision, clock.monotonic());
    },
    setOffer: (offer) => {
      if (JSON.stringify(offer) !== JSON.stringify(state.offer)) dispatch({ type: 'offer-changed', offer });
    },
    setActive: (isActive) => {
      if (isActive !== state.isActive) dispatch({ type: isActive ? 'became-active' : 'became-inactive' });
    },
    setRevision: (revision) => {
      if (revision > state.revision) {
        state = { ...state, revision };
        dispatch({ type: 'timer-fired' });
      }
    },
    noteServerWord: (revision, urgentRevision) => dispatch({ type: 'server-said', revision, urgentRevision }),
    updateNow: () => dispatch({ type: 'update-wanted' }),
    stop: () => {
      isRunning = false;
      clearTimeout(timer);
      stopping.abort(new Error('The agent stops.'));
    },
  };
}

/** A source that says it is busy says for how long. */
function outcomeOf(error: unknown): FetchOutcome {
  const retryAfterMs = error instanceof AppError ? error.facts['retryAfterMs'] : undefined;
  return typeof retryAfterMs === 'number' ? { type: 'busy', retryAfterMs } : { type: 'failed' };
}
