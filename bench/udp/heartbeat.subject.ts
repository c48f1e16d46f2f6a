import { systemClock } from '@holdfast/kernel';
import { pino } from 'pino';
import { DatagramCounts } from '../../apps/server/src/modules/datagrams/datagram-counts.ts';
import { openUdpListener } from '../../apps/server/src/modules/datagrams/udp-listener.ts';
import { createKnownFleet } from '../presence/known-fleet.ts';
import { serveSubject } from '../subject.ts';

/** The server's own way of a heartbeat by UDP: verify, presence, acknowledgement; with so many receivers. */
const { dispatcher, engine } = createKnownFleet(Number(process.argv[2]));
const counts = new DatagramCounts();
const listener = await openUdpListener({
  host: '127.0.0.1',
  port: 0,
  dispatcher,
  counts,
  clock: systemClock,
  log: pino({ level: 'silent' }),
  receivers: Number(process.argv[3]),
});
serveSubject({ port: listener.port, presenceBytes: engine.byteLength }, () => {
  const { user, system } = process.threadCpuUsage();
  return { threadCpuUs: user + system, answered: counts.get('accepted') };
});
