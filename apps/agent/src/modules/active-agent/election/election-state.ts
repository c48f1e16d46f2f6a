import type { LanDatagram } from '../lan/lan-datagram.ts';
import type { Standing } from './election-order.ts';

/** Where an agent stands in the election of one segment. */
export const ElectionPhase = {
  /** Before the start and after the end. */
  stopped: 'stopped',
  /** An Inactive Agent: with an Active Agent that it follows, or without one for the moment. */
  inactive: 'inactive',
  /** It has said that it will take over, and waits for an objection. */
  bidding: 'bidding',
  /** It is the Active Agent, for all that it knows. */
  active: 'active',
} as const;
export type ElectionPhase = (typeof ElectionPhase)[keyof typeof ElectionPhase];

/** The Active Agent that is followed. */
export interface Leader extends Standing {
  readonly instance: string;
  /** It has repeated a nonce of ours: it is alive, and no recording. */
  readonly isProven: boolean;
  /** Its newest beacon: what it has, and where it serves. */
  readonly beacon: LanDatagram;
}

export interface Standby {
  readonly productNumber: number;
  readonly fitness: number;
  readonly heardAtMs: number;
}

/** Times are those of the monotonic clock; `undefined`: not planned. */
export interface ElectionState {
  readonly phase: ElectionPhase;
  readonly productNumber: number;
  /** Of this agent now; 0: it is not to be elected and only follows. */
  readonly fitness: number;
  /** The highest that was heard of, or the own one. */
  readonly term: number;

  /** While inactive: who is followed, and until when without another beacon. Without a leader: until when is only listened. */
  readonly leader: Leader | undefined;
  readonly leaseEndsAtMs: number;
  /** An Active Agent has been heard since the start: its loss is to be made good quickly. */
  readonly hasHadLeader: boolean;
  readonly bidAtMs: number | undefined;
  /** While bidding: when to say it again, and when to take over. */
  readonly bidAgainAtMs: number | undefined;
  readonly takeOverAtMs: number;
  /** Bids of others that were let pass since the last beacon. */
  readonly yields: number;
  readonly challengeAtMs: number | undefined;
  readonly offerAtMs: number | undefined;

  /** While active. The fitness is that of the newest beacon: others decide by it, and so does this agent. */
  readonly activeSinceMs: number;
  readonly saidFitness: number;
  readonly beaconAtMs: number;
  readonly lastBeaconAtMs: number;
  readonly standby: Standby | undefined;

  /** When it last bade, so that many bids at once get one answer. */
  readonly lastAnswerAtMs: number;
}

export type ElectionEvent =
  | { readonly type: 'started' }
  | { readonly type: 'timer-fired' }
  /** A verified datagram of another product, newer than all before of its sender; see known-senders.ts. */
  | { readonly type: 'heard'; readonly datagram: LanDatagram; readonly isProven: boolean }
  | { readonly type: 'fitness-changed'; readonly fitness: number }
  | { readonly type: 'stop-requested' };

/** Why an agent is no Active Agent any more. */
export const StepDownReason = {
  /** Another one remains of two. */
  prevailed: 'prevailed',
  /** One that is clearly better asked for it. */
  handedOver: 'handed-over',
  /** It may not be it any more: battery, policy, network. */
  unfit: 'unfit',
  /** It slept, or had no time, for longer than its lease. */
  lapsed: 'lapsed',
  stopped: 'stopped',
} as const;
export type StepDownReason = (typeof StepDownReason)[keyof typeof StepDownReason];

/** What an agent says about itself; the sender adds who and where it is, and what it has. */
export type Statement = Pick<LanDatagram, 'type' | 'term' | 'fitness' | 'other' | 'otherFitness'>;

export type ElectionAction =
  | { readonly type: 'say'; readonly statement: Statement }
  /** Whether this product is alive has to be known at once. */
  | { readonly type: 'ask'; readonly productNumber: number }
  | { readonly type: 'become-active'; readonly term: number }
  | { readonly type: 'step-down'; readonly reason: StepDownReason }
  | { readonly type: 'follow'; readonly leader: Leader | undefined };

export interface ElectionContext {
  readonly nowMs: number;
  /** Uniform in [0, 1), drawn anew for each event. */
  readonly random: number;
  /** How long a beacon counts for one that only follows, where beacons come seldom. Absent: as for everybody. */
  readonly followerLeaseMs?: number;
}

export interface ElectionStep {
  readonly state: ElectionState;
  readonly actions: readonly ElectionAction[];
}

export function createElectionState(productNumber: number, fitness: number): ElectionState {
  return {
    phase: 'stopped',
    productNumber,
    fitness,
    term: 0,
    leader: undefined,
    leaseEndsAtMs: 0,
    hasHadLeader: false,
    bidAtMs: undefined,
    bidAgainAtMs: undefined,
    takeOverAtMs: 0,
    yields: 0,
    challengeAtMs: undefined,
    offerAtMs: undefined,
    activeSinceMs: 0,
    saidFitness: 0,
    beaconAtMs: 0,
    lastBeaconAtMs: 0,
    standby: undefined,
    lastAnswerAtMs: Number.NEGATIVE_INFINITY,
  };
}
