import type { HeartbeatWay, Transport } from '@holdfast/protocol';

/** Where a simulated product stands; see docs/protocol.md, section 16. */
export const Phase = {
  /** Not registered, not started. */
  off: 'off',
  registering: 'registering',
  awaitingApproval: 'awaiting-approval',
  /** Registered, not started. */
  registered: 'registered',
  handshaking: 'handshaking',
  probing: 'probing',
  /** Asks the server to choose the transport. */
  choosing: 'choosing',
  connected: 'connected',
  /** The server's refusal is final. */
  refused: 'refused',
  /** Switched off by the plan of faults. */
  silent: 'silent',
} as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

/** All that decides what a product does next. What it needs to speak (key, number, tokens) stands elsewhere. */
export interface ProductState {
  readonly phase: Phase;
  /** False while the fleet only registers: the product then stops once it is registered. */
  readonly isStarted: boolean;
  readonly transport: Transport;
  /** Failures in a row of reaching the server. */
  readonly failures: number;
  /** The server's newest. */
  readonly intervalMs: number;
  readonly returnSpreadMs: number;
  /** How the next heartbeat, or the one under way, travels by acknowledged UDP. */
  readonly way: HeartbeatWay;
  /** Heartbeats in a row that the product sent while it was heard, and that UDP did not acknowledge. */
  readonly missedByUdp: number;
  /** Probes sent, or how often the current heartbeat was sent; 0: nothing is waited for. */
  readonly sends: number;
  /** From the first sending of the last answered heartbeat to the heartbeat that follows it; 0: there was no answer, or a lost heartbeat since. */
  readonly sinceAnswerMs: number;
  /** The wait between the two sendings of the current heartbeat by UDP; 0: it is sent once. */
  readonly repeatMs: number;
  /** The next interval is the first one after a handshake, and has a random phase. */
  readonly isFirstInterval: boolean;
  readonly isClaiming: boolean;
  /** Heartbeats by plain UDP since the last one that asked for an answer. */
  readonly unanswered: number;
}

export const initialProductState: ProductState = {
  phase: Phase.off,
  isStarted: false,
  transport: 'https',
  failures: 0,
  intervalMs: 60_000,
  returnSpreadMs: 0,
  way: 'udp-twice',
  missedByUdp: 0,
  sends: 0,
  sinceAnswerMs: 0,
  repeatMs: 0,
  isFirstInterval: true,
  isClaiming: false,
  unanswered: 0,
};

/** What a product is like; it does not change. */
export interface ProductTraits {
  readonly usesUdp: boolean;
  readonly obeysCommands: boolean;
  /** In the place of the server's interval, against the protocol: to look for limits. */
  readonly forcedIntervalMs: number | undefined;
}

/** What a failed call means for the product. */
export type FailureKind =
  /** No answer. */
  | 'unreachable'
  /** The server said: later. */
  | 'later'
  /** A new handshake is the remedy. */
  | 'handshake'
  /** An administrator may change it. */
  | 'slowly'
  /** Repeating cannot change it; a handshake is repeated all the same, within the longest wait. */
  | 'never'
  /** The product gives up. */
  | 'final';

export type CallName = 'registration' | 'handshake' | 'transport' | 'heartbeat' | 'claim';

export interface CallFailure {
  readonly call: CallName;
  readonly kind: FailureKind;
  readonly retryAfterMs: number;
}

export type ProductEvent =
  | { readonly type: 'timer' }
  /** From now on it registers, and goes no further. */
  | { readonly type: 'register' }
  /** The computer was switched off and starts again after this time. */
  | { readonly type: 'restart'; readonly afterMs: number }
  | { readonly type: 'silence' }
  | { readonly type: 'registered' }
  | { readonly type: 'awaiting-approval'; readonly retryAfterMs: number }
  | {
      readonly type: 'handshaken';
      readonly intervalMs: number;
      readonly returnSpreadMs: number;
      readonly takesDatagrams: boolean;
    }
  | { readonly type: 'probe-acknowledged' }
  | { readonly type: 'transport-chosen'; readonly transport: Transport }
  | {
      readonly type: 'acknowledged';
      readonly by: 'udp' | 'https';
      readonly commandsWait: boolean;
      readonly handshakeAgain: boolean;
      readonly nextIntervalMs: number;
    }
  | { readonly type: 'notified'; readonly commandsWait: boolean; readonly handshakeAgain: boolean }
  | { readonly type: 'claim-ended'; readonly isMore: boolean; readonly needsHandshake: boolean }
  | { readonly type: 'failed'; readonly failure: CallFailure };

export type ProductAction =
  | { readonly type: 'register' }
  | { readonly type: 'handshake' }
  | { readonly type: 'probe'; readonly sequence: number }
  | { readonly type: 'choose-transport'; readonly probesSent: number; readonly acknowledged: boolean }
  /** `isNew`: with the next sequence, else the same bytes as before. */
  | { readonly type: 'heartbeat'; readonly by: 'udp' | 'https'; readonly isNew: boolean }
  | { readonly type: 'claim' };

export interface ProductStep {
  readonly state: ProductState;
  readonly actions: readonly ProductAction[];
  /** Milliseconds until the next `timer` event; `keep` leaves the timer as it is. */
  readonly timer: number | 'keep' | 'none';
}
