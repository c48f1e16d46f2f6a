import type { Clock } from '@holdfast/kernel';
import { type LanDatagram, LanDatagramType, noLanNonce } from '../lan/lan-datagram.ts';
import { findDeadlineMs, stepElection } from './election.ts';
import {
  createElectionState,
  type ElectionEvent,
  ElectionPhase,
  type ElectionState,
  type Leader,
  type Statement,
  type StepDownReason,
} from './election-state.ts';
import { createKnownSenders } from './known-senders.ts';

/** Answers a second that questions get: all of a large LAN within some seconds, and a flood costs little. */
const MAX_ANSWERS_PER_S = 200;
/** How long a nonce is in use; after that it is still taken for as long again. */
const NONCE_MS = 60_000;

/** What a participant says, without who and where it is and what it has. */
export type Utterance = Statement & Pick<LanDatagram, 'nonce'>;

export interface ParticipantOptions {
  readonly productNumber: number;
  /** 16 hexadecimal digits, random for each process. */
  readonly instance: string;
  readonly fitness: number;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly random: () => number;
  /** 16 hexadecimal digits that nobody can guess. */
  readonly createNonce: () => string;
  /** To all of the segment. */
  readonly say: (utterance: Utterance) => void;
  /** To the one from whom the datagram at hand came. */
  readonly sayBack: (utterance: Utterance) => void;
  /** See `ElectionContext.followerLeaseMs`. */
  readonly findFollowerLeaseMs?: () => number | undefined;
  readonly onActive: (term: number) => void;
  readonly onStepDown: (reason: StepDownReason) => void;
  readonly onFollow: (leader: Leader | undefined) => void;
}

/** One agent in the election of one segment. */
export interface Participant {
  readonly state: ElectionState;
  /** When `wake` has to be called at the latest. */
  readonly deadlineMs: number;
  start(): void;
  wake(): void;
  /** Takes a verified datagram. What comes back by another interface from this very product is left to the caller. */
  hear(datagram: LanDatagram): void;
  setFitness(fitness: number): void;
  /** Asks whoever is the Active Agent to answer: for a segment in which beacons do not reach everybody. */
  seek(): void;
  stop(): void;
}

/** Does what the election decides, and sorts out what it is not to hear: repetitions, recordings, questions. */
export function createParticipant(options: ParticipantOptions): Participant {
  const { productNumber, clock, random } = options;
  const senders = createKnownSenders();
  let state = createElectionState(productNumber, options.fitness);
  let answers = { sinceMs: Number.NEGATIVE_INFINITY, count: 0 };
  /** Of the newest question: the next beacon repeats it, in case that the answer does not arrive. */
  let lastAsked: string = noLanNonce;
  let nonce = { madeAtMs: Number.NEGATIVE_INFINITY, current: noLanNonce, former: noLanNonce };

  const dispatch = (event: ElectionEvent): void => {
    const followerLeaseMs = options.findFollowerLeaseMs?.();
    const step = stepElection(state, event, {
      nowMs: clock.monotonic(),
      random: random(),
      ...(followerLeaseMs === undefined ? {} : { followerLeaseMs }),
    });
    state = step.state;
    for (const action of step.actions) {
      if (action.type === 'say') say(action.statement);
      else if (action.type === 'become-active') options.onActive(action.term);
      else if (action.type === 'step-down') options.onStepDown(action.reason);
      else if (action.type === 'follow') options.onFollow(action.leader);
      else if (senders.askAtOnce(action.productNumber, clock.monotonic())) ask(action.productNumber);
    }
  };

  const say = (statement: Statement): void => {
    const isBeacon = statement.type === LanDatagramType.beacon;
    options.say({ ...statement, nonce: isBeacon ? lastAsked : noLanNonce });
    if (isBeacon) lastAsked = noLanNonce;
  };

  const findNonce = (): string => {
    const nowMs = clock.monotonic();
    if (nowMs - nonce.madeAtMs > NONCE_MS) {
      nonce = { madeAtMs: nowMs, former: nonce.current, current: options.createNonce() };
    }
    return nonce.current;
  };

  const isEcho = ({ type, nonce: given }: LanDatagram): boolean =>
    (type === LanDatagramType.beacon || type === LanDatagramType.answer) &&
    given !== noLanNonce &&
    (given === nonce.current || given === nonce.former);

  const createQuestion = (other: number): Utterance => ({
    type: 'question',
    term: state.term,
    fitness: state.fitness,
    other,
    otherFitness: 0,
    nonce: findNonce(),
  });

  const ask = (other: number): void => options.sayBack(createQuestion(other));

  const answer = (question: LanDatagram): void => {
    const isActive = state.phase === ElectionPhase.active;
    if (question.other !== productNumber && !(question.other === 0 && isActive)) return;
    lastAsked = question.nonce;
    const nowMs = clock.monotonic();
    if (nowMs - answers.sinceMs >= 1_000) answers = { sinceMs: nowMs, count: 0 };
    if (answers.count++ >= MAX_ANSWERS_PER_S) return;
    options.sayBack({
      type: isActive ? 'beacon' : 'answer',
      term: state.term,
      fitness: isActive ? state.saidFitness : state.fitness,
      other: state.standby?.productNumber ?? 0,
      otherFitness: state.standby?.fitness ?? 0,
      nonce: question.nonce,
    });
  };

  return {
    get state() {
      return state;
    },
    get deadlineMs() {
      return findDeadlineMs(state);
    },
    start: () => dispatch({ type: 'started' }),
    wake: () => dispatch({ type: 'timer-fired' }),
    hear: (datagram) => {
      if (datagram.productNumber === productNumber || state.phase === ElectionPhase.stopped) return;
      const nowMs = clock.monotonic();
      const admission = senders.admit(datagram, { nowMs, random: random(), isEcho: isEcho(datagram) });
      if (admission === undefined) return;
      if (datagram.type === LanDatagramType.question) return answer(datagram);
      if (admission.isToBeAsked) {
        const tell = admission.isAskedInVain ? options.say : options.sayBack;
        tell(createQuestion(datagram.productNumber));
      }
      if (!admission.isTrusted || datagram.type === LanDatagramType.answer) return;
      dispatch({ type: 'heard', datagram, isProven: admission.isProven });
    },
    setFitness: (fitness) => {
      if (fitness !== state.fitness) dispatch({ type: 'fitness-changed', fitness });
    },
    seek: () => options.say(createQuestion(0)),
    stop: () => dispatch({ type: 'stop-requested' }),
  };
}
