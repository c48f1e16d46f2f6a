import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import type { CommunicationMode, NotificationOutcome } from '@holdfast/api';
import { NotificationSealer } from '@holdfast/protocol';
import { createTestClock } from '../../platform/clock/test-clock.ts';
import { CallTable } from './call-table.ts';
import { HeldStreams } from './held-streams.ts';
import { Notifier } from './notifier.ts';

interface Call {
  readonly port: number;
  readonly end: (outcome: NotificationOutcome) => void;
}

function setUp(t: TestContext) {
  const clock = createTestClock();
  const table = new CallTable();
  const calls: Call[] = [];
  const signs: number[] = [];
  const epochs = new Map<number, number>();
  const waiting = new Set<number>();
  const idle = new Set<number>();
  const urgent = new Set<number>();
  const closed: number[] = [];
  const closedPorts = new Set<number>();
  const written: number[] = [];
  const sent: number[] = [];
  const heard = new Set<number>();
  class Streams extends HeldStreams {
    override write(productNumber: number, epoch: number, bytes: Uint8Array): boolean {
      written.push(productNumber);
      return super.write(productNumber, epoch, bytes);
    }
  }
  const streams = new Streams({ limit: 10, sealQuiet: () => new Uint8Array(56) });
  let sequence = 0;
  const notifier = new Notifier({
    clock,
    nextSequence: () => ++sequence,
    table,
    sealer: new NotificationSealer(createSecretKey(randomBytes(32))),
    streams,
    datagrams: {
      async call(_notification, _bytes, { port }) {
        sent.push(port);
        return false;
      },
    },
    callListener: ({ port }) =>
      new Promise((resolve) => {
        calls.push({ port, end: resolve });
      }),
    isPortClosed: async ({ port }) => closedPorts.has(port),
    products: {
      findEpoch: (number) => epochs.get(number),
      areCommandsWaiting: (number) => waiting.has(number) && (!idle.has(number) || urgent.has(number)),
      isIdle: (number) => idle.has(number),
      recordSign: (number) => signs.push(number),
      isLate: (number) => !heard.has(number),
      noteClosedPort: (number) => closed.push(number),
    },
  });
  t.after(() => notifier.stop());
  /** The number of a product is the port of its listener. */
  const add = (number: number, mode: CommunicationMode = 'two-way-direct'): void => {
    epochs.set(number, 7);
    waiting.add(number);
    table.setMode(
      number,
      mode,
      mode === 'two-way-direct' ? { address: '192.0.2.1', port: number } : undefined,
    );
  };
  return {
    clock,
    table,
    written,
    heard,
    sent,
    closed,
    closedPorts,
    calls,
    signs,
    epochs,
    waiting,
    idle,
    urgent,
    notifier,
    add,
  };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

async function endAll(calls: Call[], outcome: NotificationOutcome): Promise<number[]> {
  const ended = calls.splice(0);
  for (const call of ended) call.end(outcome);
  await settle();
  return ended.map(({ port }) => port);
}

test('of one product at most one notification is under way, and a wish that came meanwhile is told afterwards, once', async (t) => {
  const { notifier, calls, signs, add } = setUp(t);
  add(1);
  notifier.wantClaims([1]);
  notifier.wantClaims([1]);
  notifier.wantClaims([1]);
  assert.equal(calls.length, 1);
  await endAll(calls, 'acknowledged');
  assert.equal(calls.length, 1);
  await endAll(calls, 'acknowledged');
  assert.equal(calls.length, 0);
  assert.deepEqual(signs, [1, 1]);
});

test('no more than 64 listeners are called at a time, and all in their turn', async (t) => {
  const { notifier, calls, add, clock } = setUp(t);
  const numbers = Array.from({ length: 150 }, (_, index) => index + 1);
  for (const number of numbers) add(number);
  notifier.wantClaims(numbers);
  const called: number[] = [];
  while (calls.length > 0) {
    assert.ok(calls.length <= 64);
    clock.advance(1_000);
    called.push(...(await endAll(calls, 'acknowledged')));
  }
  assert.deepEqual(
    called.toSorted((left, right) => left - right),
    numbers,
  );
});

test('calls are paced: what a second does not hold waits', (t) => {
  const { notifier, add, clock, table } = setUp(t);
  const numbers = Array.from({ length: 5_000 }, (_, index) => index + 1);
  for (const number of numbers) add(number, 'two-way-held');
  notifier.wantClaims(numbers);
  assert.equal(notifier.waiting, 4_900);
  clock.advance(50);
  notifier.wantClaims([1]);
  assert.equal(notifier.waiting, 4_800);
  assert.equal(table.lastOf(1)?.outcome, undefined, 'its end is noticed later');
});

test('an order for one product does not wait behind an order for the whole fleet, nor the fleet behind many such', async (t) => {
  const { notifier, calls, add } = setUp(t);
  const fleet = Array.from({ length: 200 }, (_, index) => index + 1);
  for (const number of [...fleet, 1_001, 1_002, 1_003]) add(number);
  notifier.wantClaims(fleet);
  notifier.wantClaims([1_001, 1_002, 1_003]);
  for (const call of calls.splice(0, 4)) call.end('acknowledged');
  await settle();
  assert.deepEqual(
    calls.slice(-4).map(({ port }) => port),
    [1_001, 65, 1_002, 66],
  );
});

test('three failures in a row make a product one-way until its next handshake, and a success in between does not', async (t) => {
  const { notifier, calls, table, add } = setUp(t);
  add(1);
  for (const outcome of ['unanswered', 'unproven', 'acknowledged', 'unanswered', 'unproven'] as const) {
    notifier.wantClaims([1]);
    await endAll(calls, outcome);
    assert.equal(table.mode(1), 'two-way-direct');
  }
  notifier.wantClaims([1]);
  await endAll(calls, 'unanswered');
  assert.equal(table.mode(1), 'one-way');
  assert.equal(table.lastOf(1)?.outcome, 'unanswered');
  notifier.wantClaims([1]);
  assert.equal(calls.length, 0);
  add(1);
  notifier.wantClaims([1]);
  assert.equal(calls.length, 1);
});

test('a call that would tell nothing is not made: the command was fetched, the product is disabled, the wish is gone', (t) => {
  const { notifier, calls, epochs, waiting, add } = setUp(t);
  for (const number of [1, 2, 3]) add(number);
  waiting.delete(1);
  epochs.delete(2);
  notifier.wantClaims([1, 2]);
  assert.equal(calls.length, 0);
  add(4, 'one-way');
  notifier.wantClaims([4]);
  assert.equal(calls.length, 0);
});

test('the end of a call of an earlier handshake says nothing about the present one', async (t) => {
  const { notifier, calls, signs, epochs, table, add } = setUp(t);
  add(1);
  notifier.wantClaims([1]);
  epochs.set(1, 8);
  await endAll(calls, 'acknowledged');
  assert.deepEqual(signs, []);
  assert.equal(table.lastOf(1), undefined);
});

test('a handshake is asked for by a call, and by heartbeats until it is made', async (t) => {
  const { notifier, calls, add } = setUp(t);
  add(1);
  add(2, 'one-way');
  notifier.wantHandshakes([1, 2]);
  assert.deepEqual(
    calls.map(({ port }) => port),
    [1],
  );
  await endAll(calls, 'unanswered');
  assert.equal(notifier.takeHandshakeWish(1), true);
  assert.equal(notifier.takeHandshakeWish(2), true);
  notifier.dropHandshakeWish(2);
  assert.equal(notifier.takeHandshakeWish(2), false);
});

test('wishes for handshakes are told at a pace that the server can take', (t) => {
  const { notifier, clock, add } = setUp(t);
  const numbers = Array.from({ length: 500 }, (_, index) => index + 1);
  for (const number of numbers) add(number, 'one-way');
  notifier.wantHandshakes(numbers);
  const tellAll = (): number => numbers.filter((number) => notifier.takeHandshakeWish(number)).length;
  assert.equal(tellAll(), 100);
  assert.equal(tellAll(), 0);
  clock.advance(500);
  assert.equal(tellAll(), 50);
});

test('what is ordered in idle hours is told when they end, once, and what is urgent at once as well', async (t) => {
  const { notifier, calls, add, idle, urgent, waiting } = setUp(t);
  for (const number of [1, 2, 3, 4]) add(number);
  for (const number of [1, 2, 3]) idle.add(number);
  urgent.add(2);
  notifier.wantClaims([1, 2, 3, 4]);
  assert.deepEqual(await endAll(calls, 'acknowledged'), [2, 4]);
  notifier.turn();
  assert.deepEqual(await endAll(calls, 'acknowledged'), []);
  idle.clear();
  // Cancelled meanwhile.
  waiting.delete(3);
  notifier.turn();
  assert.deepEqual(
    (await endAll(calls, 'acknowledged')).toSorted((a, b) => a - b),
    [1, 2],
  );
  notifier.turn();
  assert.deepEqual(await endAll(calls, 'acknowledged'), []);
});

test('a product that is late is asked although nothing waits for it, and its answer is a sign of life', async (t) => {
  const { notifier, calls, signs, closed, closedPorts, waiting, add } = setUp(t);
  add(1);
  waiting.clear();
  // A firewall may say so of a product that runs.
  closedPorts.add(1);
  notifier.askLate(1);
  assert.deepEqual(await endAll(calls, 'acknowledged'), [1]);
  assert.deepEqual([signs, closed], [[1], []]);
});

test('nobody runs where a late product neither answers nor has an open port; one of the two is not enough', async (t) => {
  const { notifier, calls, signs, closed, closedPorts, table, waiting, add } = setUp(t);
  for (const number of [1, 2]) add(number);
  waiting.clear();
  closedPorts.add(1);
  for (let round = 0; round < 4; round += 1) {
    for (const number of [1, 2]) notifier.askLate(number);
    assert.deepEqual(await endAll(calls, 'unanswered'), [1, 2]);
  }
  assert.deepEqual([signs, closed], [[], [1, 1, 1, 1]]);
  // Their way stays what it was: nobody was there to take it.
  assert.equal(table.isGivenUp(2), false);
});

test('what a question of an earlier epoch came to says nothing', async (t) => {
  const { notifier, calls, closed, closedPorts, epochs, add } = setUp(t);
  add(1);
  closedPorts.add(1);
  notifier.askLate(1);
  epochs.set(1, 8);
  await endAll(calls, 'unanswered');
  assert.deepEqual(closed, []);
});

test('a product without a listener is not asked', async (t) => {
  const { notifier, calls, closed, written, sent, table, waiting, add } = setUp(t);
  add(1, 'two-way-held');
  add(2, 'one-way');
  add(3, 'two-way-udp');
  table.noteAddress(3, '192.0.2.1', 3);
  waiting.clear();
  for (const number of [1, 2, 3]) notifier.askLate(number);
  assert.deepEqual(await endAll(calls, 'unanswered'), []);
  assert.deepEqual([closed, written, sent], [[], [], []]);
});

test('an order for one device does not wait behind a site that fell silent, and who was heard meanwhile is not asked', async (t) => {
  const { notifier, calls, waiting, heard, add } = setUp(t);
  const silent = Array.from({ length: 200 }, (_, index) => index + 1);
  for (const number of [...silent, 900]) add(number);
  waiting.clear();
  waiting.add(900);
  for (const number of silent) notifier.askLate(number);
  notifier.wantClaims([900]);
  const first = await endAll(calls, 'unanswered');
  assert.deepEqual([first.length, first.includes(900)], [64, false]);
  for (const number of silent) heard.add(number);
  assert.ok((await endAll(calls, 'acknowledged')).includes(900));
  assert.deepEqual(await endAll(calls, 'acknowledged'), []);
});
