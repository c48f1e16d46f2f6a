import type { DatagramsErrorCode } from './datagrams.errors.ts';

/** What a receiving thread is told when it starts. */
export interface ReceiverTask {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** A longer datagram is refused whatever it says; so much of it travels that it is. */
  readonly maxDatagramBytes: number;
  /** Length of every answer. */
  readonly answerBytes: number;
}

/** Datagrams one behind the other, in the order in which they came, and where each came from. */
export interface DatagramPost {
  readonly kind: 'datagrams';
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each ends in `bytes`. */
  readonly ends: readonly number[];
  readonly addresses: readonly string[];
  readonly ports: readonly number[];
  /** How many more came, for which there was no room. */
  readonly dropped: number;
}

/** Answers to one {@link DatagramPost}; those that are not named have none. */
export interface AnswerPost {
  readonly kind: 'answers';
  /** Which of the datagrams, ascending. */
  readonly places: readonly number[];
  /** Answers of one length, one behind the other. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** From a receiving thread to the server. */
export type ReceiverPost =
  | DatagramPost
  | { readonly kind: 'listening'; readonly port: number }
  /** A socket reported an error, and goes on. */
  | { readonly kind: 'fault'; readonly message: string }
  | {
      readonly kind: 'refused';
      readonly code: DatagramsErrorCode;
      readonly message: string;
      readonly remedy: string | undefined;
    };

/** From the server to a receiving thread. */
export type ServerPost =
  | AnswerPost
  | { readonly kind: 'send'; readonly bytes: Uint8Array; readonly port: number; readonly address: string }
  | { readonly kind: 'close' };
