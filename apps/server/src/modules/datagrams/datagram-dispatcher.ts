import type { KeyObject } from 'node:crypto';
import type { Clock } from '@holdfast/kernel';
import {
  type ActivityItem,
  type DatagramRefusal,
  DatagramVerifier,
  type ServiceState,
} from '@holdfast/protocol';
import type { DatagramCalls } from './datagram-calls.ts';
import type { ProbeNotes } from './probe-notes.ts';
import type { Endpoint } from './udp-sockets.ts';

/** How a heartbeat came. */
export type HeartbeatKind = 'heartbeat-udp' | 'heartbeat-https';

/** What became of a heartbeat whose code was right. */
export type HeartbeatOutcome =
  | 'accepted'
  /** The last one again: its answer may have been lost. Answered again, not counted. */
  | 'repeated'
  /** An older one: dropped. */
  | 'replayed'
  /** Another epoch, a disabled product or no record: not counted, and told to make a handshake. */
  | 'handshake-needed';

/** What became of a datagram. */
export type DatagramOutcome =
  | HeartbeatOutcome
  | 'probe-answered'
  /** A probe of another handshake, or of a product that may not speak. */
  | 'probe-foreign'
  /** A notification came back with the proof that the product got it. */
  | 'notification-acknowledged'
  /** An answer to a notification that nobody waits for any more. */
  | 'notification-foreign'
  | DatagramRefusal;

/** A heartbeat whose code was right; valid during the call only. */
export interface ReceivedHeartbeat {
  readonly productNumber: number;
  readonly epoch: number;
  readonly sequence: number;
  readonly isGoingAway: boolean;
  readonly serviceState: ServiceState;
  /** False spares the call of `listItems`. */
  readonly hasItems: boolean;
  listItems(): ActivityItem[];
}

/** Whoever knows the products: decides what a heartbeat counts, and what its answer says. */
export interface HeartbeatRecorder {
  /** Epoch whose datagrams are good; `undefined` for a product that is unknown or disabled. */
  findEpoch(productNumber: number): number | undefined;
  recordHeartbeat(heartbeat: ReceivedHeartbeat, kind: HeartbeatKind): HeartbeatOutcome;
  /** Whether the product is told to fetch commands now. */
  areCommandsWaiting(productNumber: number): boolean;
  isIdle(productNumber: number): boolean;
  /** The interval that the product is told now. */
  nextIntervalMs(productNumber: number): number;
}

/** Whoever calls products. */
export interface ProductCaller {
  /** Where the product can be called: after each heartbeat by UDP that counted. */
  noteAddress(productNumber: number, address: string, port: number): void;
  /** Whether the heartbeat that is being answered is to be answered with "handshake again". */
  takeHandshakeWish(productNumber: number): boolean;
}

export interface DatagramDispatcherParts {
  /** The master heartbeat key, from which the key of each product and epoch is derived. */
  readonly heartbeatKey: KeyObject;
  readonly recorder: HeartbeatRecorder;
  readonly caller: ProductCaller;
  /** Version of the newest snapshot metadata of components; 0 where there is none. */
  readonly catalogueVersion?: (() => number) | undefined;
  readonly calls: DatagramCalls;
  readonly probes: ProbeNotes;
  readonly clock: Clock;
}

const ANSWERED: ReadonlySet<DatagramOutcome> = new Set([
  'accepted',
  'repeated',
  'handshake-needed',
  'probe-answered',
]);

/** True when the datagram has an answer. Refused and replayed ones get none, so that junk costs the network nothing. */
export function hasAnswer(outcome: DatagramOutcome): boolean {
  return ANSWERED.has(outcome);
}

/**
 * The one way of every datagram, however it travelled: verified, brought to whom it concerns, answered. Invariant: a datagram
 * whose code is wrong changes nothing and is not answered.
 */
export class DatagramDispatcher {
  readonly #verifier: DatagramVerifier;
  readonly #recorder: HeartbeatRecorder;
  readonly #caller: ProductCaller;
  readonly #catalogueVersion: () => number;
  readonly #calls: DatagramCalls;
  readonly #probes: ProbeNotes;
  readonly #clock: Clock;

  constructor(parts: DatagramDispatcherParts) {
    this.#verifier = new DatagramVerifier(parts.heartbeatKey);
    this.#recorder = parts.recorder;
    this.#caller = parts.caller;
    this.#catalogueVersion = parts.catalogueVersion ?? (() => 0);
    this.#calls = parts.calls;
    this.#probes = parts.probes;
    this.#clock = parts.clock;
  }

  /**
   * @param answer 56 bytes; written only when {@link hasAnswer} is true of the outcome
   * @param from where it came from, by UDP
   */
  dispatch(bytes: Uint8Array, kind: HeartbeatKind, answer: Uint8Array, from?: Endpoint): DatagramOutcome {
    const type = this.#verifier.verify(bytes);
    if (type === 'heartbeat') {
      const outcome = this.#dispatchHeartbeat(kind, answer);
      if (outcome === 'accepted' && from !== undefined) {
        this.#caller.noteAddress(this.#verifier.productNumber, from.address, from.port);
      }
      return outcome;
    }
    if (type !== 'probe' && type !== 'notification-acknowledgement') return type;
    if (type === 'notification-acknowledgement') {
      return this.#calls.takeAcknowledgement(this.#verifier)
        ? 'notification-acknowledged'
        : 'notification-foreign';
    }
    // A probe over HTTPS would prove nothing about UDP.
    return kind === 'heartbeat-udp' ? this.#dispatchProbe(answer) : 'probe-foreign';
  }

  #dispatchHeartbeat(kind: HeartbeatKind, answer: Uint8Array): DatagramOutcome {
    const verifier = this.#verifier;
    const recorder = this.#recorder;
    const { productNumber } = verifier;
    const outcome = recorder.recordHeartbeat(verifier, kind);
    if (outcome === 'replayed') return outcome;
    verifier.acknowledgeHeartbeat(answer, {
      commandsWait: outcome !== 'handshake-needed' && recorder.areCommandsWaiting(productNumber),
      handshakeAgain: outcome === 'handshake-needed' || this.#caller.takeHandshakeWish(productNumber),
      idle: recorder.isIdle(productNumber),
      nextIntervalMs: recorder.nextIntervalMs(productNumber),
      serverTimeMs: this.#clock.now(),
      catalogueVersion: this.#catalogueVersion(),
    });
    return outcome;
  }

  #dispatchProbe(answer: Uint8Array): DatagramOutcome {
    const verifier = this.#verifier;
    const { productNumber, epoch } = verifier;
    if (this.#recorder.findEpoch(productNumber) !== epoch) return 'probe-foreign';
    const probe = { productNumber, epoch, nonce: verifier.copyNonce() };
    if (!this.#probes.record(probe, this.#clock.monotonic())) return 'probe-foreign';
    verifier.acknowledgeProbe(answer);
    return 'probe-answered';
  }
}
