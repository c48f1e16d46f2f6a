import { createSecretKey } from 'node:crypto';
import type { Clock } from '@holdfast/kernel';
import { DatagramKey, type HeartbeatContent, HeartbeatKeyDerivation } from '@holdfast/protocol';
import { Registry } from 'prom-client';
import { createPresenceModule, type PresenceDependencies } from '../presence/index.ts';
import { DatagramCalls } from './datagram-calls.ts';
import { DatagramDispatcher } from './datagram-dispatcher.ts';
import { ProbeNotes } from './probe-notes.ts';
import type { Endpoint } from './udp-sockets.ts';

const heartbeatKey = createSecretKey(Buffer.alloc(32, 7));
const derivation = new HeartbeatKeyDerivation(heartbeatKey);

/** The key that a product of these tests has. */
export function keyOf(productNumber: number, epoch = 1): DatagramKey {
  return new DatagramKey(createSecretKey(derivation.deriveKey(productNumber, epoch)));
}

/** A heartbeat as the product sends it, of its first epoch unless told. */
export function sealHeartbeat(
  productNumber: number,
  sequence: number,
  { epoch = 1, ...more }: { readonly epoch?: number } & Partial<HeartbeatContent> = {},
): Uint8Array {
  return keyOf(productNumber, epoch).seal({
    type: 'heartbeat',
    productNumber,
    epoch,
    sequence,
    goingAway: false,
    serviceState: 'running',
    waitingLogEntries: 0,
    policyRevision: 0,
    componentSetDigest: new Uint8Array(8),
    items: [],
    ...more,
  });
}

/** The way of every datagram, with presence behind it that has no database: products are made known by `beginEpoch`. */
export function createDispatcher(clock: Clock) {
  const platform = { clock, metrics: new Registry(), events: { define: () => undefined } };
  const presence = createPresenceModule({ platform } as unknown as PresenceDependencies);
  presence.addProfiles([{ heartbeatIntervalMs: 60_000, offlineTimeoutMs: 180_000, schedule: null }]);
  const sent: Uint8Array[] = [];
  const calls = new DatagramCalls((bytes) => void sent.push(bytes), 60_000);
  const probes = new ProbeNotes(createSecretKey(Buffer.alloc(32, 8)));
  /** Where products can be called, as it was told. */
  const addresses: Endpoint[] = [];
  const caller = {
    noteAddress: (_: number, address: string, port: number) => void addresses.push({ address, port }),
    takeHandshakeWish: () => false,
  };
  const recorder = presence.recorder;
  const dispatcher = new DatagramDispatcher({ heartbeatKey, recorder, caller, calls, probes, clock });
  return { dispatcher, presence, calls, probes, addresses };
}
