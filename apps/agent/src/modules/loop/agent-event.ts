import type { Transport } from '@holdfast/protocol';

/** Why a call did not do what it was for, as far as the loop has to tell it apart. */
export const CallFailure = {
  /** No answer, or one that says "later": nothing is wrong with us. */
  unreachable: 'unreachable',
  /** The access token has run out, or another handshake has replaced it. */
  accessExpired: 'access-expired',
  /** The server does not know this product; an administrator has to re-admit it. */
  unknownProduct: 'unknown-product',
  /** An administrator has disabled this product. */
  disabled: 'disabled',
  /** The server answered, and the answer is no. */
  refused: 'refused',
} as const;
export type CallFailure = (typeof CallFailure)[keyof typeof CallFailure];

/** What happened. Events of a call carry the number of the handshake whose proofs it used: a late answer to an earlier one says nothing. */
export type AgentEvent =
  | { readonly type: 'started' }
  | { readonly type: 'timer-fired' }
  | { readonly type: 'handshake-succeeded'; readonly intervalMs: number; readonly returnSpreadMs: number }
  | { readonly type: 'handshake-failed'; readonly failure: CallFailure; readonly retryAfterMs: number }
  | { readonly type: 'transport-chosen'; readonly handshakeNumber: number; readonly transport: Transport }
  | {
      readonly type: 'transport-failed';
      readonly handshakeNumber: number;
      readonly failure: CallFailure;
      readonly retryAfterMs: number;
    }
  | {
      readonly type: 'heartbeat-acknowledged';
      readonly handshakeNumber: number;
      readonly nextIntervalMs: number;
      readonly commandsWait: boolean;
      readonly handshakeAgain: boolean;
      /** Idle hours: what is not urgent waits. */
      readonly idle: boolean;
      /** Heartbeats in a row, with this one, whose acknowledgement should have come by UDP and came by HTTPS. */
      readonly missedByUdp: number;
      /** Of the newest metadata of components at the server; absent: it says nothing. */
      readonly catalogueVersion?: number | undefined;
    }
  /** By UDP without acknowledgement: it is on its way, and nobody knows more. */
  | { readonly type: 'heartbeat-sent'; readonly handshakeNumber: number }
  | {
      readonly type: 'heartbeat-failed';
      readonly handshakeNumber: number;
      readonly failure: CallFailure;
      readonly retryAfterMs: number;
    }
  /** `again`: there is more of the same to do. */
  | { readonly type: 'errand-finished'; readonly errand: string; readonly again: boolean }
  | {
      readonly type: 'errand-failed';
      readonly errand: string;
      readonly handshakeNumber: number;
      readonly failure: CallFailure;
      readonly retryAfterMs: number;
    }
  /** Something came up that an errand has to do. */
  | { readonly type: 'errand-wanted'; readonly errand: string }
  /** The same, without hurry: with the next sign of a connection. */
  | { readonly type: 'errand-due'; readonly errand: string }
  /** A heartbeat before its time, or another handshake. */
  | { readonly type: 'heartbeat-wanted' }
  | { readonly type: 'handshake-wanted' }
  /** The address of this computer is another one, or it has slept. */
  | { readonly type: 'surroundings-changed' }
  | { readonly type: 'stop-requested' }
  | { readonly type: 'farewell-finished' };

/** What to do next. The loop's shell does it and answers with events. */
export type AgentAction =
  | { readonly type: 'handshake' }
  | { readonly type: 'choose-transport'; readonly handshakeNumber: number }
  /** Goes by the transport in use. `needsAnswer`: by HTTPS as well where UDP brings no acknowledgement. */
  | { readonly type: 'send-heartbeat'; readonly handshakeNumber: number; readonly needsAnswer: boolean }
  | { readonly type: 'start-errand'; readonly errand: string; readonly handshakeNumber: number }
  /** Replaces the one timer there is. */
  | { readonly type: 'set-timer'; readonly delayMs: number }
  | { readonly type: 'clear-timer' }
  /** Sends what waits and says goodbye, within a short time. */
  | { readonly type: 'farewell'; readonly handshakeNumber: number }
  | { readonly type: 'finish' };
