/** What a member has heard of the Active Agent that it follows. */
export interface LanOffer {
  readonly productNumber: number;
  /** Newest state of the repository that it says it has. */
  readonly revision: number;
  /** The newest state with something urgent in it. */
  readonly urgentRevision: number;
}

/** Who has disappointed, and until when nothing is fetched from it. */
export interface Distrust {
  readonly productNumber: number;
  readonly untilMs: number;
  readonly failures: number;
}

/** Why something is to be fetched. */
export const FetchReason = {
  /** The Active Agent has what this agent does not have yet, or is asked because an administrator wants it. */
  news: 'news',
  /** The server has more than the Active Agent, which may be about to fetch it, be frozen, or lie. */
  late: 'late',
  /** Nobody near has anything to offer, and this agent is not the Active Agent. */
  alone: 'alone',
  /** This agent is the Active Agent. */
  active: 'active',
  /** The Active Agent was not able to give it. */
  disappointed: 'disappointed',
  /** The server was not able to give it. */
  retry: 'retry',
} as const;
export type FetchReason = (typeof FetchReason)[keyof typeof FetchReason];

/** A fetch that is planned. */
export interface MemberPlan {
  readonly reason: FetchReason;
  readonly isUrgent: boolean;
  readonly atMs: number;
  /** Of `news`: after so long without success it is fetched from the server. */
  readonly patienceEndsAtMs: number;
}

/** Times are those of the monotonic clock; revisions are versions of the signed list of what there is. */
export interface MemberState {
  /** This agent is the Active Agent: it fetches from the server, and the others from it. */
  readonly isActive: boolean;
  /** Newest state that this agent itself has verified; 0: none. */
  readonly revision: number;
  readonly offer: LanOffer | undefined;
  /** Newest state, as the server itself said with a heartbeat, and the newest urgent one. */
  readonly serverRevision: number;
  readonly serverUrgentRevision: number;
  /** Since when this agent has been behind what the server says, and behind what is urgent of it. */
  readonly behindSinceMs: number;
  readonly urgentSinceMs: number;
  /** Since when no Active Agent is followed. */
  readonly aloneSinceMs: number;
  /** An administrator wants it now. */
  readonly isWanted: boolean;
  readonly plan: MemberPlan | undefined;
  readonly isFetching: 'lan' | 'server' | undefined;
  /** When the Active Agent is asked no more within the fetch under way; `undefined` when there is none from it, or it has been given up. */
  readonly lanEndsAtMs: number | undefined;
  /** What the Active Agent offered when the fetch under way began, and who it was; 0: nobody. */
  readonly goal: number;
  readonly asked: number;
  /** Failures in a row of the server. */
  readonly serverFailures: number;
  readonly distrusted: readonly Distrust[];
}

/** What came of a fetch. */
export type FetchOutcome =
  /** Everything that this agent needs of `revision` is there and verified. */
  | { readonly type: 'done'; readonly revision: number }
  /** Come back later. */
  | { readonly type: 'busy'; readonly retryAfterMs: number }
  /** No connection, an end in the middle, wrong bytes, too slow. */
  | { readonly type: 'failed' };

export type MemberEvent =
  /** `undefined`: no Active Agent is followed, on a LAN without one or away from any. */
  | { readonly type: 'offer-changed'; readonly offer: LanOffer | undefined }
  | { readonly type: 'became-active' | 'became-inactive' }
  | { readonly type: 'server-said'; readonly revision: number; readonly urgentRevision: number }
  | { readonly type: 'update-wanted' }
  | { readonly type: 'timer-fired' }
  | { readonly type: 'fetch-ended'; readonly outcome: FetchOutcome };

export type MemberAction =
  | { readonly type: 'fetch-from-lan'; readonly productNumber: number }
  /** The fetch under way gets nothing more from the Active Agent, and ends as failed where it still needed something. */
  | { readonly type: 'abort-fetch' }
  | { readonly type: 'fetch-from-server' };

export interface MemberContext {
  readonly nowMs: number;
  /** Uniform in [0, 1), drawn anew for each event. */
  readonly random: number;
  /** Over which members spread what is not urgent; 0: not at all. */
  readonly windowMs: number;
  /** False: this agent is on no LAN, or takes no part on it, and nobody will be elected. */
  readonly isOnLan: boolean;
}

export interface MemberStep {
  readonly state: MemberState;
  readonly actions: readonly MemberAction[];
}

export function createMemberState(revision: number, nowMs: number): MemberState {
  return {
    isActive: false,
    revision,
    offer: undefined,
    serverRevision: 0,
    serverUrgentRevision: 0,
    behindSinceMs: nowMs,
    urgentSinceMs: nowMs,
    aloneSinceMs: nowMs,
    isWanted: false,
    plan: undefined,
    isFetching: undefined,
    lanEndsAtMs: undefined,
    goal: 0,
    asked: 0,
    serverFailures: 0,
    distrusted: [],
  };
}
