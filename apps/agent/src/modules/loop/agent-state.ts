import type { Transport } from '@holdfast/protocol';
import { type JobName, jobNames } from './agent-event.ts';
import type { JobState } from './job-state.ts';

/** Where the conversation with the server stands. */
export const Phase = {
  /** Before the start and after the end. */
  stopped: 'stopped',
  /** A handshake is under way. */
  shakingHands: 'shaking-hands',
  /** No session: the timer leads to the next handshake. */
  waiting: 'waiting',
  /** Session and heartbeats. */
  connected: 'connected',
  /** A session, but no answers: heartbeats at growing intervals until one is answered. */
  reconnecting: 'reconnecting',
  /** The farewell is under way. */
  stopping: 'stopping',
} as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

export interface AgentState {
  readonly phase: Phase;
  /** Number of the session: 0 before the first, one more with each successful handshake of this process. */
  readonly session: number;
  /** Failed attempts in a row, which set the length of the next wait. */
  readonly failures: number;
  readonly intervalMs: number;
  readonly transport: Transport;
  /** Calls under way whose answers set the next timer; while one is, no timer is needed. */
  readonly isChoosing: boolean;
  readonly isHeartbeatUnderWay: boolean;
  /** The address changed during a heartbeat: the way is tested again after it. */
  readonly isProbeWanted: boolean;
  /** By UDP without acknowledgement: heartbeats since the last one that went by HTTPS as well. */
  readonly blindCount: number;
  /** The first wait after the start is a random part of the interval; later ones are whole. */
  readonly isPhaseDrawn: boolean;
  readonly lastAttemptAtMs: number;
  readonly lastHandshakeAtMs: number;
  readonly inventoryDueAtMs: number;
  readonly jobs: Readonly<Record<JobName, JobState>>;
}

/** What is needed of the world to decide: monotonic time, and chance. */
export interface AgentContext {
  readonly nowMs: number;
  /** Uniform in [0, 1), drawn anew for each event. */
  readonly random: number;
}

export const initialAgentState: AgentState = {
  phase: 'stopped',
  session: 0,
  failures: 0,
  intervalMs: 60_000,
  transport: 'https',
  isChoosing: false,
  isHeartbeatUnderWay: false,
  isProbeWanted: false,
  blindCount: 0,
  isPhaseDrawn: false,
  lastAttemptAtMs: Number.NEGATIVE_INFINITY,
  lastHandshakeAtMs: Number.NEGATIVE_INFINITY,
  inventoryDueAtMs: Number.NEGATIVE_INFINITY,
  jobs: { claim: 'idle', upload: 'idle', run: 'idle', inventory: 'idle' },
};

/** True while calls with an access token make sense. */
export function hasSession(state: AgentState): boolean {
  return state.phase === 'connected' || state.phase === 'reconnecting';
}

export function mapJobs(state: AgentState, map: (job: JobName, current: JobState) => JobState): AgentState {
  const jobs = Object.fromEntries(jobNames.map((job) => [job, map(job, state.jobs[job])]));
  // Every name of the closed list got a state in the line above.
  return { ...state, jobs: jobs as Record<JobName, JobState> };
}
