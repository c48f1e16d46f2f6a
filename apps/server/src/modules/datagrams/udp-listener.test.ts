import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { after, test } from 'node:test';
import { setImmediate as immediate } from 'node:timers/promises';
import { hasCode, systemClock } from '@holdfast/kernel';
import { pino } from 'pino';
import { DatagramCounts } from './datagram-counts.ts';
import { createDispatcher, keyOf, sealHeartbeat } from './datagrams.testing.ts';
import { openUdpListener, planReceivers } from './udp-listener.ts';
import type { UdpListener } from './udp-sockets.ts';

const open: { close(): unknown }[] = [];
after(async () => {
  for (const it of open) await it.close();
});

async function startListener(host: string, share?: number) {
  const { dispatcher, presence } = createDispatcher(systemClock);
  const counts = new DatagramCounts();
  const log = pino({ level: 'silent' });
  const listener: UdpListener = await openUdpListener({
    host,
    port: 0,
    dispatcher,
    counts,
    clock: systemClock,
    log,
    ...(share === undefined ? {} : { share }),
  });
  open.push(listener);
  return { presence, counts, listener };
}

async function openClient(type: 'udp4' | 'udp6', address: string): Promise<Socket> {
  const socket = createSocket(type);
  socket.bind(0, address);
  await once(socket, 'listening');
  open.push(socket);
  return socket;
}

const key = keyOf(3);
const seal = (sequence: number): Uint8Array => sealHeartbeat(3, sequence);

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
  const { presence, listener } = await startListener(hasIpv6 ? '::' : '0.0.0.0');
  presence.beginEpoch(3, 1);
  await assertAnswered(await openClient('udp4', '127.0.0.1'), listener.port, '127.0.0.1', 1);
  assert.equal(presence.currentPresence(3).reason, 'heartbeat-udp');
});

test('the same socket answers heartbeats of both kinds of addresses', {
  skip: hasIpv6 ? false : 'this computer has no IPv6: there is no ::1 on any interface',
}, async () => {
  const { presence, listener } = await startListener('::');
  presence.beginEpoch(3, 1);
  await assertAnswered(await openClient('udp6', '::1'), listener.port, '::1', 1);
  await assertAnswered(await openClient('udp4', '127.0.0.1'), listener.port, '127.0.0.1', 2);
  assert.equal(presence.currentPresence(3).reason, 'heartbeat-udp');
});

test('junk is counted and not answered', async () => {
  const { counts, presence, listener } = await startListener('127.0.0.1');
  presence.beginEpoch(3, 1);
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
  const { counts, presence, listener } = await startListener('127.0.0.1', 0.005);
  presence.beginEpoch(3, 1);
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
  const options = {
    host: '127.0.0.1',
    port: listener.port,
    dispatcher: createDispatcher(systemClock).dispatcher,
    counts: new DatagramCounts(),
    clock: systemClock,
    log: pino({ level: 'silent' }),
  };
  await assert.rejects(openUdpListener(options), (error) => hasCode(error, 'UDP_PORT_IN_USE'));
  await assert.rejects(openUdpListener({ ...options, host: '203.0.113.7' }), (error) =>
    hasCode(error, 'UDP_ADDRESS_UNAVAILABLE'),
  );
});

test('a small fleet is received by the server itself, a large one by two threads', () => {
  assert.equal(planReceivers(10, 8, 'linux'), 1);
  assert.equal(planReceivers(10_000, 2, 'linux'), 2);
});

test('without a second core, or where the system does not share ports, one thread does everything', () => {
  assert.equal(planReceivers(1_000_000, 1, 'linux'), 1);
  assert.equal(planReceivers(1_000_000, 8, 'darwin'), 1);
});
