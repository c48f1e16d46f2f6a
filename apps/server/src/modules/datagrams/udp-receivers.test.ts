import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { hasCode, systemClock } from '@holdfast/kernel';
import { pino } from 'pino';
import { DatagramCounts } from './datagram-counts.ts';
import { DatagramIntake } from './datagram-intake.ts';
import { createDispatcher, keyOf, sealHeartbeat as seal } from './datagrams.testing.ts';
import { UdpReceivers } from './udp-receivers.ts';

const SENDERS = 64;
const threads: Worker[] = [];
process.on('worker', (thread) => threads.push(thread));
const open: { close(): unknown }[] = [];
after(async () => {
  for (const it of open) await it.close();
});

async function openReceivers(port = 0) {
  const { dispatcher, presence } = createDispatcher(systemClock);
  const counts = new DatagramCounts();
  const intake = new DatagramIntake({ dispatcher, counts, clock: systemClock });
  const log = pino({ level: 'silent' });
  const receivers = await UdpReceivers.open({
    host: '127.0.0.1',
    port,
    receivers: 2,
    intake,
    counts,
    log,
    restartDelayMs: 0,
  });
  open.push(receivers);
  return { receivers, presence, counts };
}

async function openSender(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  open.push(socket);
  return socket;
}

async function beat(socket: Socket, port: number, productNumber: number, sequence: number): Promise<Buffer> {
  const answered = once(socket, 'message', { signal: AbortSignal.timeout(10_000) });
  socket.send(seal(productNumber, sequence), port, '127.0.0.1');
  return ((await answered) as [Buffer])[0];
}

// A loop without a pause takes the processor from whoever is waited for.
const LOOK_AGAIN_MS = 2;

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!condition()) {
    assert.ok(performance.now() < deadline, `waited in vain for ${what}`);
    await delay(LOOK_AGAIN_MS);
  }
}

test('several receivers share one port, and each sender gets its own answer, in its own order', async () => {
  const { receivers, presence } = await openReceivers();
  const senders = await Promise.all(Array.from({ length: SENDERS }, openSender));
  for (const number of senders.keys()) presence.beginEpoch(number + 1, 1);
  for (const sequence of [1, 2, 3]) {
    await Promise.all(
      senders.map(async (socket, index) => {
        const number = index + 1;
        const answer = await beat(socket, receivers.port, number, sequence);
        assert.equal(keyOf(number).verify(answer).sequence, sequence);
      }),
    );
  }
  assert.deepEqual(presence.statusCounts()['online'], SENDERS);
  assert.equal(
    receivers.received.reduce((sum, count) => sum + count, 0),
    3 * SENDERS,
  );
  assert.ok(
    receivers.received.every((count) => count > 0),
    `one of them received nothing: ${receivers.received.join(', ')}`,
  );
});

test('junk is refused for the same reasons as by one receiver, and not answered', async () => {
  const { receivers, presence, counts } = await openReceivers();
  presence.beginEpoch(3, 1);
  const sender = await openSender();
  const answers: Buffer[] = [];
  sender.on('message', (bytes) => answers.push(bytes));
  const forged = seal(3, 1);
  forged[50] = (forged[50] ?? 0) ^ 1;
  for (const bytes of [Buffer.from('hello'), forged, Buffer.alloc(60_000)]) {
    sender.send(bytes, receivers.port, '127.0.0.1');
  }
  await until(
    () => counts.get('DATAGRAM_LENGTH') === 2 && counts.get('DATAGRAM_MAC_INVALID') === 1,
    'the counters',
  );
  await beat(sender, receivers.port, 3, 1);
  assert.equal(answers.length, 1);
});

test('what the server sends goes out from the shared port', async () => {
  const { receivers } = await openReceivers();
  const product = await openSender();
  const received = once(product, 'message', { signal: AbortSignal.timeout(10_000) });
  receivers.send(Buffer.from('call'), product.address().port, '127.0.0.1');
  const [bytes, from] = (await received) as [Buffer, { port: number }];
  assert.equal(bytes.toString(), 'call');
  assert.equal(from.port, receivers.port);
});

test('a receiver that ended is replaced, and heartbeats go on being answered', async () => {
  const { receivers, presence } = await openReceivers();
  presence.beginEpoch(3, 1);
  await threads.at(-1)?.terminate();
  await until(() => receivers.count === 1, 'its end');
  await beat(await openSender(), receivers.port, 3, 1);
  await until(() => receivers.count === 2, 'the replacement');
  await beat(await openSender(), receivers.port, 3, 2);
});

test('a port that belongs to somebody else is refused', async () => {
  // It shares the port with whoever asks, as a program that is after the heartbeats would.
  const holder = createSocket({ type: 'udp4', reusePort: true });
  holder.bind(0, '127.0.0.1');
  await once(holder, 'listening');
  open.push(holder);
  await assert.rejects(openReceivers(holder.address().port), (error) => hasCode(error, 'UDP_PORT_IN_USE'));
});
