import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { encodeBase64Url, hasCode } from '@holdfast/kernel';
import type { HeartbeatContent } from '../datagram/datagram.ts';
import { DatagramKey } from '../datagram/datagram-key.ts';
import { McpClientError } from './client.errors.ts';
import { type DatagramTiming, defaultDatagramTiming, HeartbeatSender } from './heartbeat-sender.ts';

const never = 60_000;

const content: HeartbeatContent = {
  goingAway: false,
  serviceState: 'running',
  waitingLogEntries: 0,
  policyRevision: 0,
  componentSetDigest: new Uint8Array(8),
  items: [],
};

interface Bench {
  readonly sender: HeartbeatSender;
  /** What arrived, by its way and its sequence. */
  readonly arrived: string[];
  /** Ways that bring answers. */
  readonly answers: { udp: boolean; https: boolean; nextIntervalMs: number };
  /** One heartbeat: how it was answered, or `lost`. */
  beat(more?: Partial<HeartbeatContent>): Promise<string>;
}

/** A server whose ways can be closed one by one, and a sender that heartbeats by acknowledged UDP. */
async function setUp(
  t: TestContext,
  options: { readonly timing?: DatagramTiming; readonly random?: () => number } = {},
): Promise<Bench> {
  const keyBytes = randomBytes(32);
  const key = new DatagramKey(createSecretKey(keyBytes));
  const arrived: string[] = [];
  const answers = { udp: true, https: true, nextIntervalMs: 60_000 };
  const acknowledge = (way: string, bytes: Uint8Array): Uint8Array => {
    const { productNumber, epoch, sequence } = key.verify(bytes);
    arrived.push(`${way} ${sequence}`);
    return key.seal({
      type: 'heartbeat-acknowledgement',
      productNumber,
      epoch,
      sequence,
      commandsWait: false,
      handshakeAgain: false,
      idle: false,
      nextIntervalMs: answers.nextIntervalMs,
      serverTimeMs: 1,
    });
  };
  const socket = createSocket('udp4');
  let allRead = Promise.withResolvers<void>();
  socket.on('message', (bytes, { port, address }) => {
    if (bytes.length === 1) return allRead.resolve();
    const answer = acknowledge('udp', bytes);
    if (answers.udp) socket.send(answer, port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const sender = new HeartbeatSender({
    handshake: {
      productNumber: 1,
      heartbeat: {
        key: encodeBase64Url(keyBytes),
        epoch: 1,
        intervalMs: 60_000,
        offlineTimeoutMs: 180_000,
        udp: { port: socket.address().port, probeNonce: encodeBase64Url(randomBytes(16)) },
      },
    },
    remoteAddress: '127.0.0.1',
    callDatagram: async (bytes) => {
      const answer = acknowledge('https', bytes);
      if (answers.https) return await Promise.resolve(answer);
      throw new McpClientError('SERVER_UNREACHABLE', 'The server cannot be reached.', { retry: 'safe' });
    },
    timing: options.timing ?? {
      // An answer that comes ends the wait; for one that does not come, nobody waits long.
      acknowledgementWaitsMs: () => (answers.udp ? [never, never] : [20, 20]),
      probeWaitsMs: [10, 10, 10],
    },
    random: options.random ?? (() => 0.5),
  });
  sender.useTransport('udp-acknowledged');
  const marker = createSocket('udp4');
  t.after(() => {
    sender.close();
    socket.close();
    marker.close();
  });
  /** What is sent to one socket arrives in turn: once this has come, all that was sent before it has. */
  const readAll = async (): Promise<void> => {
    allRead = Promise.withResolvers();
    marker.send(Uint8Array.of(1), socket.address().port, '127.0.0.1');
    await allRead.promise;
  };
  return {
    sender,
    arrived,
    answers,
    beat: async (more = {}) => {
      try {
        const { transport, missedByUdp } = await sender.send({ ...content, ...more }, { needsAnswer: true });
        return `${transport}, ${missedByUdp} missed`;
      } catch (error) {
        assert.ok(hasCode(error, 'SERVER_UNREACHABLE'), String(error));
        return 'lost';
      } finally {
        await readAll();
      }
    },
  };
}

test('a heard product sends a heartbeat twice by UDP and not by HTTPS, and is told that nobody answered', async (t) => {
  const { beat, arrived, answers } = await setUp(t);
  assert.equal(await beat(), 'udp-acknowledged, 0 missed');
  answers.udp = false;
  assert.equal(await beat(), 'lost');
  assert.deepEqual(arrived, ['udp 1', 'udp 2', 'udp 2']);
});

test('the first heartbeat of a handshake is sent as that of a heard product', async (t) => {
  const { beat, arrived, answers } = await setUp(t);
  answers.udp = false;
  assert.equal(await beat(), 'lost');
  assert.deepEqual(arrived, ['udp 1', 'udp 1']);
});

test('a product that is not heard makes one attempt for each heartbeat, by HTTPS and by UDP in turn', async (t) => {
  const { beat, arrived, answers } = await setUp(t);
  answers.udp = false;
  answers.https = false;
  for (let count = 0; count < 5; count++) assert.equal(await beat(), 'lost');
  assert.deepEqual(arrived.slice(2), ['https 2', 'udp 3', 'https 4', 'udp 5']);
});

test('an answer by either way makes the product heard again, and the next heartbeat goes by UDP', async (t) => {
  const { beat, arrived, answers } = await setUp(t);
  answers.udp = false;
  await beat();
  assert.equal(await beat(), 'https, 1 missed');
  answers.https = false;
  assert.equal(await beat(), 'lost');
  assert.equal(await beat(), 'lost');
  answers.udp = true;
  assert.equal(await beat(), 'udp-acknowledged, 0 missed');
  answers.udp = false;
  assert.equal(await beat(), 'lost');
  assert.deepEqual(arrived, [
    'udp 1',
    'udp 1',
    'https 2',
    'udp 3',
    'udp 3',
    'https 4',
    'udp 5',
    'udp 6',
    'udp 6',
  ]);
});

test('where UDP is blocked every second heartbeat is answered by HTTPS, which tells of three misses after the third', async (t) => {
  const { beat, answers } = await setUp(t);
  answers.udp = false;
  const outcomes: string[] = [];
  for (let count = 0; count < 6; count++) outcomes.push(await beat());
  assert.deepEqual(outcomes, [
    'lost',
    'https, 1 missed',
    'lost',
    'https, 2 missed',
    'lost',
    'https, 3 missed',
  ]);
});

test('a server that was away for long has not cost the way its good name', async (t) => {
  const { beat, answers } = await setUp(t);
  answers.udp = false;
  answers.https = false;
  for (let count = 0; count < 9; count++) await beat();
  answers.https = true;
  assert.equal(await beat(), 'https, 1 missed');
  answers.udp = true;
  assert.equal(await beat(), 'udp-acknowledged, 0 missed');
});

test('a goodbye that UDP does not acknowledge goes by HTTPS, as no other heartbeat follows it', async (t) => {
  const { beat, arrived, answers } = await setUp(t);
  answers.udp = false;
  assert.equal(await beat({ goingAway: true }), 'https, 1 missed');
  assert.deepEqual(arrived, ['udp 1', 'https 1']);
});

test('the waits are made of the newest interval and of chance', async (t) => {
  const asked: [number, number][] = [];
  const draws = [0.25, 0.75];
  const { beat, answers } = await setUp(t, {
    timing: {
      probeWaitsMs: [10, 10, 10],
      acknowledgementWaitsMs: (intervalMs, random) => {
        asked.push([intervalMs, random]);
        return [never, never];
      },
    },
    random: () => draws.shift() ?? 0,
  });
  answers.nextIntervalMs = 30_000;
  await beat();
  await beat();
  assert.deepEqual(asked, [
    [60_000, 0.25],
    [30_000, 0.75],
  ]);
  assert.deepEqual(defaultDatagramTiming.acknowledgementWaitsMs(60_000, 0.5), [10_500, 2_000]);
});

test('a sender that is closed waits for nothing any more', async (t) => {
  const { sender, beat, answers, arrived } = await setUp(t, {
    timing: { probeWaitsMs: [10, 10, 10], acknowledgementWaitsMs: () => [never, never] },
  });
  answers.udp = false;
  const beaten = beat();
  while (arrived.length === 0) await new Promise((resolve) => setImmediate(resolve));
  sender.close();
  assert.equal(await beaten, 'lost');
  assert.deepEqual(arrived, ['udp 1']);
});

test('datagrams go where HTTPS reached the server last, from the next one on', async (t) => {
  const bench = await setUp(t);
  assert.equal(await bench.beat(), 'udp-acknowledged, 0 missed');
  // Nobody is there: the server's name led here a moment ago.
  bench.sender.follow('127.0.0.9');
  bench.answers.udp = false;
  assert.equal(await bench.beat(), 'lost');
  assert.deepEqual(bench.arrived, ['udp 1'], 'what is sent there does not come back here');
  bench.answers.udp = true;
  bench.sender.follow('127.0.0.1');
  assert.equal(await bench.beat(), 'https, 1 missed');
  assert.equal(await bench.beat(), 'udp-acknowledged, 0 missed');
  bench.sender.follow(undefined);
  assert.equal(bench.sender.peer, '127.0.0.1');
});
