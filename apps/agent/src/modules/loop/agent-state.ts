import type { Transport } from '@holdfast/protocol';
import type { ErrandPlan } from './errand.ts';
import { type ErrandProgress, freshErrand } from './errand-state.ts';

/** Where the conversation with the server stands. */
export const Phase = {
  /** Before the start and after the end. */
  stopped: 'stopped',
  /** A handshake is under way. */
  shakingHands: 'shaking-hands',
  /** No access: the timer leads to the next handshake. */
  waiting: 'waiting',
  /** Heartbeats, and errands beside them. */
  connected: 'connected',
  /** No answers: heartbeats until one is answered, at their regular times by acknowledged UDP, else at growing intervals. */
  reconnecting: 'reconnecting',
  /** The farewell is under way. */
  stopping: 'stopping',
} as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

export interface AgentState {
  readonly phase: Phase;
  /** Which handshake's proofs are in use: 0 before the first, one more with each successful one of this process. */
  readonly handshakeNumber: number;
  /** Failed attempts in a row, which set the length of the next wait. */
  readonly failures: number;
  readonly intervalMs: number;
  /** Time over which a lost server wants its fleet back, as the last handshake said. */
  readonly returnSpreadMs: number;
  readonly transport: Transport;
  /** Calls under way whose answers set the next timer; while one is, no timer is needed. */
  readonly isChoosing: boolean;
  readonly isHeartbeatUnderWay: boolean;
  /** When the newest heartbeat was first sent, and when the last one that was acknowledged was. */
  readonly heartbeatSentAtMs: number;
  readonly answeredSentAtMs: number;
  /** The surroundings changed while the heartbeat was under way. */
  readonly areSurroundingsNew: boolean;
  /** The way is tested again after what is under way: the address changed meanwhile, or the last test came to no answer. */
  readonly isProbeWanted: boolean;
  /** Tests of the way in a row that came to no answer, and the time before which there is no other. */
  readonly choiceFailures: number;
  readonly choiceNotBeforeMs: number;
  /** By UDP without acknowledgement: heartbeats since the last one that went by HTTPS as well. */
  readonly blindCount: number;
  /** The first wait after the start is a random part of the interval; later ones are whole. */
  readonly isPhaseDrawn: boolean;
  readonly lastAttemptAtMs: number;
  readonly lastHandshakeAtMs: number;
  /**
   * Idle hours, as the last acknowledgement said: errands that they hold wait, and log entries that are not urgent. They also
   * wait for the first one, so that a start in idle hours does not send what is to wait.
   */
  readonly isIdle: boolean;
  /** An acknowledgement of this process has said it. */
  readonly areHoursKnown: boolean;
  /** By name; one that is not in it has not been wanted yet. See `findErrand`. */
  readonly errands: Readonly<Record<string, ErrandProgress>>;
}

/** What decisions need from outside: monotonic time, randomness, and what there is to do. */
export interface AgentContext {
  readonly nowMs: number;
  /** Uniform in [0, 1), drawn anew for each event. */
  readonly random: number;
  /** All errands; those that begin at the same time begin in this order. */
  readonly errands: readonly ErrandPlan[];
}

export const initialAgentState: AgentState = {
  phase: 'stopped',
  handshakeNumber: 0,
  failures: 0,
  intervalMs: 60_000,
  returnSpreadMs: 0,
  transport: 'https',
  isChoosing: false,
  isHeartbeatUnderWay: false,
  heartbeatSentAtMs: Number.NEGATIVE_INFINITY,
  answeredSentAtMs: Number.NEGATIVE_INFINITY,
  areSurroundingsNew: false,
  isProbeWanted: false,
  choiceFailures: 0,
  choiceNotBeforeMs: Number.NEGATIVE_INFINITY,
  blindCount: 0,
  isPhaseDrawn: false,
  lastAttemptAtMs: Number.NEGATIVE_INFINITY,
  lastHandshakeAtMs: Number.NEGATIVE_INFINITY,
  isIdle: true,
  areHoursKnown: false,
  errands: {},
};

/** True while calls with an access token make sense. */
export function hasAccess(state: AgentState): boolean {
  return state.phase === 'connected' || state.phase === 'reconnecting';
}

export function findErrand(state: AgentState, name: string): ErrandProgress {
  return state.errands[name] ?? freshErrand;
}

export function setErrand(state: AgentState, name: string, progress: ErrandProgress): AgentState {
  return { ...state, errands: { ...state.errands, [name]: progress } };
}
