import { createSecretKey } from 'node:crypto';
import { systemClock } from '@holdfast/kernel';
import { pino } from 'pino';
import { DatagramCounts } from '../../apps/server/src/modules/presence/datagram-counts.ts';
import { HeartbeatDoor } from '../../apps/server/src/modules/presence/heartbeat-door.ts';
import { PresenceEngine } from '../../apps/server/src/modules/presence/presence-engine.ts';
import { ProbeNotes } from '../../apps/server/src/modules/presence/probe-notes.ts';
import { openUdpListener } from '../../apps/server/src/modules/presence/udp-listener.ts';
import { serveSubject } from '../subject.ts';
import { masterKeyBytes } from './heartbeats.ts';

/** The server's own way of a heartbeat: verify, presence, acknowledgement. */
const productCount = Number(process.argv[2]);
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
const listener = await openUdpListener({
  host: '127.0.0.1',
  port: 0,
  door: new HeartbeatDoor({
    heartbeatKey: createSecretKey(masterKeyBytes),
    engine,
    probes: new ProbeNotes(createSecretKey(masterKeyBytes)),
    clock: systemClock,
  }),
  counts: new DatagramCounts(),
  clock: systemClock,
  log: pino({ level: 'silent' }),
});
serveSubject({ port: listener.port, presenceBytes: engine.byteLength });
