import { createSecretKey } from 'node:crypto';
import { DatagramKey, HeartbeatKeyDerivation } from '@holdfast/protocol';

/** Any 32 bytes: both sides of the measurement know them. */
export const masterKeyBytes = Buffer.alloc(32, 7);

/** Heartbeats of many products, sealed beforehand, so that the sender's work is sending alone. */
export function sealHeartbeats(productCount: number, beats: number): Uint8Array[] {
  const derivation = new HeartbeatKeyDerivation(createSecretKey(masterKeyBytes));
  const keys = Array.from(
    { length: productCount },
    (_, index) => new DatagramKey(createSecretKey(derivation.deriveKey(index + 1, 1))),
  );
  return Array.from({ length: beats }, (_, beat) =>
    (keys[beat % productCount] as DatagramKey).seal({
      type: 'heartbeat',
      productNumber: (beat % productCount) + 1,
      epoch: 1,
      sequence: Math.floor(beat / productCount) + 1,
      goingAway: false,
      serviceState: 'running',
      waitingLogEntries: 0,
      policyRevision: 0,
      componentSetDigest: new Uint8Array(8),
      items: [],
    }),
  );
}
