import { createSecretKey, type KeyObject } from 'node:crypto';
import { DatagramKey, HeartbeatKeyDerivation } from '@holdfast/protocol';
import { deriveKey, KeyLabel } from '@holdfast/trust';

/** Seals heartbeats of the products of a seeded fleet, which all are in epoch 1. */
export class FleetHeartbeats {
  readonly #derivation: HeartbeatKeyDerivation;

  constructor(masterKey: KeyObject) {
    this.#derivation = new HeartbeatKeyDerivation(deriveKey(masterKey, KeyLabel.heartbeat));
  }

  seal(productNumber: number, sequence: number): Uint8Array {
    const key = new DatagramKey(createSecretKey(this.#derivation.deriveKey(productNumber, 1)));
    return key.seal({
      type: 'heartbeat',
      productNumber,
      epoch: 1,
      sequence,
      goingAway: false,
      serviceState: 'running',
      waitingLogEntries: 0,
      policyRevision: 0,
      componentSetDigest: new Uint8Array(8),
      items: [],
    });
  }
}
