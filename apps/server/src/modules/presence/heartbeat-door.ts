import type { KeyObject } from 'node:crypto';
import type { Clock } from '@holdfast/kernel';
import { type DatagramRefusal, decodeActivity, DatagramVerifier } from '@holdfast/protocol';
import { type DatagramCaller, type DatagramOrigin, noCaller } from './datagram-caller.ts';
import type { HeartbeatOutcome } from './heartbeat.ts';
import type { PresenceEngine } from './presence-engine.ts';
import type { ProbeNotes } from './probe-notes.ts';

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
 * The one way in for heartbeats, whichever way they travelled: verify, decide, answer. Invariant: a datagram whose
 * code is wrong changes nothing and is not answered.
 */
export class HeartbeatDoor {
  readonly #verifier: DatagramVerifier;
  readonly #engine: PresenceEngine;
  readonly #probes: ProbeNotes;
  readonly #clock: Clock;
  /** Told what comes of products that are called. */
  caller: DatagramCaller = noCaller;

  constructor(options: {
    /** The master heartbeat key, from which the key of each product and epoch is derived. */
    readonly heartbeatKey: KeyObject;
    readonly engine: PresenceEngine;
    readonly probes: ProbeNotes;
    readonly clock: Clock;
  }) {
    this.#verifier = new DatagramVerifier(options.heartbeatKey);
    this.#engine = options.engine;
    this.#probes = options.probes;
    this.#clock = options.clock;
  }

  /**
   * @param answer 56 bytes; written only when {@link hasAnswer} is true of the outcome
   * @param from where it came from, by UDP
   */
  receive(
    bytes: Uint8Array,
    kind: 'heartbeat-udp' | 'heartbeat-https',
    answer: Uint8Array,
    from?: DatagramOrigin,
  ): DatagramOutcome {
    const opened = this.#verifier.verify(bytes);
    if (opened === 'heartbeat') {
      const outcome = this.#receiveHeartbeat(kind, answer);
      if (outcome === 'accepted' && from !== undefined) {
        this.caller.noteAddress(this.#verifier.productNumber, from.address, from.port);
      }
      return outcome;
    }
    if (opened !== 'probe' && opened !== 'notification-acknowledgement') return opened;
    if (opened === 'notification-acknowledgement') {
      return this.caller.takeAcknowledgement(this.#verifier)
        ? 'notification-acknowledged'
        : 'notification-foreign';
    }
    // A probe over HTTPS would prove nothing about UDP.
    return kind === 'heartbeat-udp' ? this.#receiveProbe(answer) : 'probe-foreign';
  }

  #receiveHeartbeat(kind: 'heartbeat-udp' | 'heartbeat-https', answer: Uint8Array): DatagramOutcome {
    const verifier = this.#verifier;
    const { productNumber } = verifier;
    const outcome = this.#engine.recordHeartbeat(verifier, kind);
    if (outcome === 'replayed') return outcome;
    if (outcome === 'accepted') {
      if (verifier.hasItems)
        this.#engine.table.writeActivity(productNumber, decodeActivity(verifier.listItems()));
      else this.#engine.table.forgetActivity(productNumber);
    }
    verifier.acknowledgeHeartbeat(answer, {
      commandsWait: outcome !== 'handshake-needed' && this.#engine.areCommandsWaiting(productNumber),
      handshakeAgain: outcome === 'handshake-needed' || this.caller.takeHandshakeWish(productNumber),
      idle: this.#engine.isIdle(productNumber),
      nextIntervalMs: this.#engine.nextIntervalMs(productNumber),
      serverTimeMs: this.#clock.now(),
    });
    return outcome;
  }

  #receiveProbe(answer: Uint8Array): DatagramOutcome {
    const verifier = this.#verifier;
    const { productNumber, epoch } = verifier;
    if (this.#engine.findEpoch(productNumber) !== epoch) return 'probe-foreign';
    const probe = { productNumber, epoch, nonce: verifier.copyNonce() };
    if (!this.#probes.record(probe, this.#clock.monotonic())) return 'probe-foreign';
    verifier.acknowledgeProbe(answer);
    return 'probe-answered';
  }
}
