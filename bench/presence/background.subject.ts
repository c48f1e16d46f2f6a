import { createSecretKey } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { setTimeout as delay } from 'node:timers/promises';
import { serveSubject } from '../subject.ts';
import { FleetHeartbeats } from './fleet-heartbeats.ts';

// A fleet at rest: every product sends one heartbeat within the interval, at an even rate. The datagrams are sealed before.

const [port = '', count = '', ratePerSecond = '', masterKey = ''] = process.argv.slice(2);
const burstMs = 10;

const heartbeats = new FleetHeartbeats(createSecretKey(Buffer.from(masterKey, 'base64url')));
const length = heartbeats.seal(1, 1).length;
/** Rounds of the whole fleet: after a restart of the server each first sign is news of its own. */
const rounds = 2;
const total = rounds * Number(count);
const sealed = Buffer.alloc(total * length);
for (let place = 0; place < total; place += 1) {
  const number = (place % Number(count)) + 1;
  sealed.set(heartbeats.seal(number, 1 + Math.floor(place / Number(count))), place * length);
}

const socket = createSocket({ type: 'udp4', recvBufferSize: 8 << 20, sendBufferSize: 8 << 20 });
let answered = 0;
let sent = 0;
let startedAt: number | undefined;
socket.on('message', () => (answered += 1));
// A port that is not open yet answers by ICMP, after the fact.
socket.on('error', () => {});
socket.connect(Number(port), '127.0.0.1', () => {
  // The first question starts it.
  serveSubject({ port: 0 }, () => {
    if (startedAt === undefined) void run();
    return { sent, answered };
  });
});

async function run(): Promise<void> {
  startedAt = performance.now();
  while (sent < total) {
    const due = Math.min(total, ((performance.now() - startedAt) * Number(ratePerSecond)) / 1_000);
    for (; sent < due; sent += 1) socket.send(sealed, sent * length, length, () => {});
    await delay(burstMs);
  }
}
