import { createSecretKey } from 'node:crypto';
import { systemClock } from '@holdfast/kernel';
import { HeartbeatDoor } from '../../apps/server/src/modules/presence/heartbeat-door.ts';
import { PresenceEngine } from '../../apps/server/src/modules/presence/presence-engine.ts';
import { ProbeNotes } from '../../apps/server/src/modules/presence/probe-notes.ts';
import { masterKeyBytes } from '../udp/heartbeats.ts';

/** The server's door for heartbeats, with products 1 to `productCount` known and online. */
export function createKnownDoor(productCount: number): { door: HeartbeatDoor; engine: PresenceEngine } {
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
  return {
    door: new HeartbeatDoor({ heartbeatKey: key, engine, probes: new ProbeNotes(key), clock: systemClock }),
    engine,
  };
}
