import { createSecretKey } from 'node:crypto';
import { systemClock } from '@holdfast/kernel';
import { DatagramCalls } from '../../apps/server/src/modules/datagrams/datagram-calls.ts';
import { DatagramDispatcher } from '../../apps/server/src/modules/datagrams/datagram-dispatcher.ts';
import { ProbeNotes } from '../../apps/server/src/modules/datagrams/probe-notes.ts';
import { PresenceEngine } from '../../apps/server/src/modules/presence/presence-engine.ts';
import { masterKeyBytes } from '../udp/heartbeats.ts';

/** The server's way of heartbeats, with products 1 to `productCount` known and online. */
export function createKnownFleet(productCount: number): {
  readonly dispatcher: DatagramDispatcher;
  readonly engine: PresenceEngine;
} {
  const engine = new PresenceEngine({
    clock: systemClock,
    times: { heartbeatIntervalMs: 60_000, offlineTimeoutMs: 180_000 },
    capacity: productCount + 1,
  });
  for (let number = 1; number <= productCount; number++) {
    engine.restore({
      productNumber: number,
      isDisabled: false,
      epoch: 1,
      transport: 'udp-acknowledged',
      status: 'online',
      reason: 'heartbeat-udp',
      lastSeenAtMs: undefined,
      changedAtMs: undefined,
      lastSequence: 0,
      serviceState: 'running',
      intervalMs: 60_000,
      activity: {},
    });
  }
  const key = createSecretKey(masterKeyBytes);
  const dispatcher = new DatagramDispatcher({
    heartbeatKey: key,
    recorder: engine,
    caller: { noteAddress: () => undefined, takeHandshakeWish: () => false },
    calls: new DatagramCalls(() => undefined),
    probes: new ProbeNotes(key),
    clock: systemClock,
  });
  return { dispatcher, engine };
}
