import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { after, test } from 'node:test';
import { setImmediate as immediate } from 'node:timers/promises';
import { hasCode, systemClock } from '@holdfast/kernel';
import { DatagramKey, HeartbeatKeyDerivation } from '@holdfast/protocol';
import { pino } from 'pino';
import { DatagramCounts } from './datagram-counts.ts';
import { HeartbeatDoor } from './heartbeat-door.ts';
import { PresenceEngine } from './presence-engine.ts';
import { ProbeNotes } from './probe-notes.ts';
import { openUdpListener, type UdpListener } from './udp-listener.ts';

const heartbeatKey = createSecretKey(Buffer.alloc(32, 7));
const open: { close(): unknown }[] = [];
after(async () => {
  for (const it of open) await it.close();
});

async function startListener(host: string, share?: number) {
  const engine = new PresenceEngine({
    clock: systemClock,
    times: { heartbeatIntervalMs: 60_000, offlineTimeoutMs: 180_000 },
  });
  const probes = new ProbeNotes(createSecretKey(Buffer.alloc(32, 8)));
  const door = new HeartbeatDoor({ heartbeatKey, engine, probes, clock: systemClock });
  const counts = new DatagramCounts();
  const log = pino({ level: 'silent' });
  const listener: UdpListener = await openUdpListener({
    host,
    port: 0,
    door,
    counts,
    clock: systemClock,
    log,
    ...(share === undefined ? {} : { share }),
  });
  open.push(listener);
  return { engine, counts, listener };
}

async function openClient(type: 'udp4' | 'udp6', address: string): Promise<Socket> {
  const socket = createSocket(type);
  socket.bind(0, address);
  await once(socket, 'listening');
  open.push(socket);
  return socket;
}

const key = new DatagramKey(createSecretKey(new HeartbeatKeyDerivation(heartbeatKey).deriveKey(3, 1)));
const seal = (sequence: number): Uint8Array =>
  key.seal({
    type: 'heartbeat',
    productNumber: 3,
    epoch: 1,
    sequence,
    goingAway: false,
    serviceState: 'running',
    waitingLogEntries: 0,
    policyRevision: 0,
    componentSetDigest: new Uint8Array(8),
    items: [],
  });

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, `waited in vain for ${what}`);
    await immediate();
  }
}

async function assertAnswered(
  client: Socket,
  port: number,
  address: string,
  sequence: number,
): Promise<void> {
  const answered = once(client, 'message', { signal: AbortSignal.timeout(10_000) });
  client.send(seal(sequence), port, address);
  const [bytes] = (await answered) as [Buffer];
  assert.equal(key.verify(bytes).sequence, sequence);
}

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some((one) => one.address === '::1'),
);

test('a socket on all interfaces answers heartbeats that come by IPv4', async () => {
  const { engine, listener } = await startListener(hasIpv6 ? '::' : '0.0.0.0');
  engine.beginEpoch(3, 1);
  await assertAnswered(await openClient('udp4', '127.0.0.1'), listener.port, '127.0.0.1', 1);
  assert.equal(engine.current(3).reason, 'heartbeat-udp');
});

test('the same socket answers heartbeats of both kinds of addresses', {
  skip: hasIpv6 ? false : 'this computer has no IPv6: there is no ::1 on any interface',
}, async () => {
  const { engine, listener } = await startListener('::');
  engine.beginEpoch(3, 1);
  await assertAnswered(await openClient('udp6', '::1'), listener.port, '::1', 1);
  await assertAnswered(await openClient('udp4', '127.0.0.1'), listener.port, '127.0.0.1', 2);
  assert.equal(engine.current(3).reason, 'heartbeat-udp');
});

test('junk is counted and not answered', async () => {
  const { counts, engine, listener } = await startListener('127.0.0.1');
  engine.beginEpoch(3, 1);
  const client = await openClient('udp4', '127.0.0.1');
  const answers: Buffer[] = [];
  client.on('message', (bytes) => answers.push(bytes));
  const forged = seal(1);
  forged[60 - 10] = (forged[50] ?? 0) ^ 1;
  for (const bytes of [Buffer.from('hello'), forged, Buffer.alloc(600)]) {
    client.send(bytes, listener.port, '127.0.0.1');
  }
  await until(
    () => counts.get('DATAGRAM_LENGTH') === 2 && counts.get('DATAGRAM_MAC_INVALID') === 1,
    'the counters',
  );
  // Answers keep their order: one to the junk would come before this one.
  await assertAnswered(client, listener.port, '127.0.0.1', 1);
  assert.equal(answers.length, 1);
});

test('a flood takes its share of the time and no more', async () => {
  const { counts, engine, listener } = await startListener('127.0.0.1', 0.005);
  engine.beginEpoch(3, 1);
  const client = await openClient('udp4', '127.0.0.1');
  const junk = seal(1);
  junk[50] = (junk[50] ?? 0) ^ 1;
  let isFlooding = true;
  const flooding = (async () => {
    while (isFlooding) {
      for (let round = 0; round < 64; round += 1) client.send(junk, listener.port, '127.0.0.1', () => {});
      await immediate();
    }
  })();
  // Timers stand for everything else that the server does.
  let ticks = 0;
  const timer = setInterval(() => (ticks += 1), 10);
  try {
    await until(
      () =>
        counts.get('DATAGRAM_MAC_INVALID') > 0 &&
        counts.get('over-budget') > counts.get('DATAGRAM_MAC_INVALID'),
      'most of the flood to be dropped unread',
    );
    const ticksBefore = ticks;
    await until(() => ticks >= ticksBefore + 10, 'ten turns of something else while it goes on');
  } finally {
    isFlooding = false;
    await flooding;
    clearInterval(timer);
  }
});

test('a port that is in use is said to be', async () => {
  const { listener } = await startListener('127.0.0.1');
  const engine = new PresenceEngine({
    clock: systemClock,
    times: { heartbeatIntervalMs: 60_000, offlineTimeoutMs: 180_000 },
  });
  const probes = new ProbeNotes(createSecretKey(Buffer.alloc(32, 8)));
  const options = {
    host: '127.0.0.1',
    port: listener.port,
    door: new HeartbeatDoor({ heartbeatKey, engine, probes, clock: systemClock }),
    counts: new DatagramCounts(),
    clock: systemClock,
    log: pino({ level: 'silent' }),
  };
  await assert.rejects(openUdpListener(options), (error) => hasCode(error, 'UDP_PORT_IN_USE'));
  await assert.rejects(openUdpListener({ ...options, host: '203.0.113.7' }), (error) =>
    hasCode(error, 'UDP_ADDRESS_UNAVAILABLE'),
  );
});
