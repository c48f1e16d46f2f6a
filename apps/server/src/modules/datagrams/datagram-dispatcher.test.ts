import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { type Datagram, datagramLayout, limits, type NotificationDatagram } from '@holdfast/protocol';
import { createTestClock } from '../../platform/clock/test-clock.ts';
import { hasAnswer, type HeartbeatKind } from './datagram-dispatcher.ts';
import { createDispatcher, keyOf, sealHeartbeat } from './datagrams.testing.ts';

function setUp() {
  const clock = createTestClock();
  const parts = createDispatcher(clock);
  const answer = new Uint8Array(limits.minDatagramBytes);
  const receive = (bytes: Uint8Array, kind: HeartbeatKind = 'heartbeat-udp') =>
    parts.dispatcher.dispatch(bytes, kind, answer);
  return { ...parts, clock, receive, answer };
}

function seal(productNumber: number, sequence: number, epoch = 1): Uint8Array {
  return sealHeartbeat(productNumber, sequence, {
    epoch,
    items: [{ id: 1, value: Uint8Array.of(0, 0, 0, 9) }],
  });
}

function readAnswer(
  answer: Uint8Array,
  productNumber: number,
  epoch = 1,
): Extract<Datagram, { type: 'heartbeat-acknowledgement' }> {
  const datagram = keyOf(productNumber, epoch).verify(answer);
  assert.ok(datagram.type === 'heartbeat-acknowledgement');
  return datagram;
}

test('a heartbeat is answered with the interval, the time, and whether commands wait', () => {
  const { clock, presence, receive, answer } = setUp();
  presence.beginEpoch(5, 1);
  assert.equal(receive(seal(5, 1)), 'accepted');
  const first = readAnswer(answer, 5);
  assert.deepEqual(
    [first.sequence, first.commandsWait, first.handshakeAgain, first.nextIntervalMs, first.serverTimeMs],
    [1, false, false, 60_000, clock.now()],
  );
  presence.setCommandsWaiting(5, true, false);
  assert.equal(receive(seal(5, 2)), 'accepted');
  assert.equal(readAnswer(answer, 5).commandsWait, true);
  assert.deepEqual(presence.currentActivity(5), { uptimeS: 9 });
});

test('another epoch and an unknown number are told to make a handshake, and nothing else', () => {
  const { presence, receive, answer } = setUp();
  presence.beginEpoch(5, 4);
  presence.setCommandsWaiting(5, true, false);
  const before = presence.currentPresence(5);
  for (const epoch of [1, 3, 5]) {
    assert.equal(receive(seal(5, 1, epoch)), 'handshake-needed');
    const told = readAnswer(answer, 5, epoch);
    assert.deepEqual([told.handshakeAgain, told.commandsWait], [true, false]);
  }
  assert.equal(receive(seal(999, 1)), 'handshake-needed');
  assert.equal(readAnswer(answer, 999).handshakeAgain, true);
  assert.deepEqual(presence.currentPresence(5), before);
  assert.equal(presence.productCount(), 1);
});

test('a replayed heartbeat has no answer', () => {
  const { presence, receive } = setUp();
  presence.beginEpoch(5, 1);
  receive(seal(5, 2));
  const outcome = receive(seal(5, 1));
  assert.equal(outcome, 'replayed');
  assert.equal(hasAnswer(outcome), false);
});

test('a probe with the nonce of its handshake is answered and noted, by UDP only', () => {
  const { presence, probes, receive, answer, clock } = setUp();
  presence.beginEpoch(5, 1);
  const probe = (nonce: Uint8Array, epoch = 1) =>
    keyOf(5, epoch).seal({ type: 'probe', productNumber: 5, epoch, sequence: 1, nonce });
  const nonce = probes.nonceFor(5, 1);
  assert.equal(receive(probe(nonce), 'heartbeat-https'), 'probe-foreign');
  assert.equal(receive(probe(probes.nonceFor(6, 1))), 'probe-foreign');
  assert.equal(receive(probe(probes.nonceFor(5, 2), 2)), 'probe-foreign');
  assert.equal(probes.take(5, 1, clock.monotonic()), 0);
  assert.equal(receive(probe(nonce)), 'probe-answered');
  assert.equal(receive(probe(nonce)), 'probe-answered');
  const echoed = keyOf(5, 1).verify(answer);
  assert.ok(echoed.type === 'probe-acknowledgement');
  assert.deepEqual(echoed.nonce, nonce);
  assert.equal(presence.currentPresence(5).reason, 'handshake', 'a probe is no heartbeat');
  assert.equal(probes.take(5, 1, clock.monotonic()), 2);
  assert.equal(probes.take(5, 1, clock.monotonic()), 0, 'asking uses them up');
  receive(probe(nonce));
  clock.advance(61_000);
  assert.equal(probes.take(5, 1, clock.monotonic()), 0, 'after a minute it proves nothing');
  assert.equal(probes.size, 0);
});

test('a million mutated datagrams neither break the server nor make anybody alive', () => {
  const { presence, receive } = setUp();
  const count = 50;
  for (let number = 1; number <= count; number += 1) {
    presence.beginEpoch(number, 1);
    receive(seal(number, 1));
  }
  const before = Array.from({ length: count + 1 }, (_, number) => presence.currentPresence(number));
  const good = Array.from({ length: count }, (_, index) => seal(index + 1, 1_000));
  // A linear congruential generator (Numerical Recipes): seeded, and quick enough for millions of draws.
  let state = 0x2545_f491;
  const draw = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
  const interesting = [0, 1, 2, 3, 4, 0x7f, 0x80, 0xff];
  let answered = 0;
  for (let round = 0; round < 1_000_000; round += 1) {
    const source = good[draw(good.length)] ?? new Uint8Array();
    const kind = draw(4);
    let bytes: Uint8Array;
    if (kind === 0) bytes = source.slice(0, draw(source.length));
    else if (kind === 1) {
      bytes = new Uint8Array(source.length + 1 + draw(480));
      bytes.set(source);
    } else bytes = source.slice();
    // Every mutated datagram differs from the good one in at least one byte, or in its length.
    for (let flips = kind <= 1 ? draw(3) : 1 + draw(3); flips > 0; flips -= 1) {
      const at = draw(Math.max(1, bytes.length));
      const old = bytes[at] ?? 0;
      const fresh = draw(2) === 0 ? (interesting[draw(interesting.length)] ?? 0) : draw(256);
      if (at < bytes.length) bytes[at] = fresh === old ? old ^ (1 << draw(8)) : fresh;
    }
    if (bytes.length === source.length && bytes.every((byte, at) => byte === source[at])) continue;
    if (hasAnswer(receive(bytes, draw(2) === 0 ? 'heartbeat-udp' : 'heartbeat-https'))) answered += 1;
  }
  assert.equal(answered, 0);
  assert.deepEqual(
    Array.from({ length: count + 1 }, (_, number) => presence.currentPresence(number)),
    before,
  );
  // And the right ones are still accepted.
  assert.equal(receive(good[0] ?? new Uint8Array()), 'accepted');
});

test('only the flag bits of an answer are set that the specification names', () => {
  const { presence, receive, answer } = setUp();
  presence.beginEpoch(5, 1);
  receive(seal(5, 1));
  assert.equal(answer[datagramLayout.flags], 0);
  assert.equal(answer[datagramLayout.flags + 1], 0);
});

test('the address of a product is that of its newest heartbeat: who repeats an old one draws no calls to himself', () => {
  const { dispatcher, presence, answer, addresses } = setUp();
  presence.beginEpoch(5, 1);
  const receive = (sequence: number, address: string, epoch = 1) =>
    dispatcher.dispatch(seal(5, sequence, epoch), 'heartbeat-udp', answer, { address, port: 40_000 });
  assert.equal(receive(7, '192.0.2.1'), 'accepted');
  assert.equal(receive(7, '198.51.100.1'), 'repeated');
  assert.equal(receive(6, '198.51.100.2'), 'replayed');
  assert.equal(receive(9, '198.51.100.3', 2), 'handshake-needed');
  assert.deepEqual(addresses, [{ address: '192.0.2.1', port: 40_000 }]);
  assert.equal(receive(8, '192.0.2.2'), 'accepted');
  assert.deepEqual(addresses.at(-1), { address: '192.0.2.2', port: 40_000 });
});

test('what acknowledges a notification ends its call, and is neither answered nor a heartbeat', async () => {
  const { presence, calls, receive } = setUp();
  presence.beginEpoch(5, 1);
  const before = presence.currentPresence(5);
  const header = { productNumber: 5, epoch: 1, sequence: 3, nonce: randomBytes(limits.nonceBytes) };
  const flags = { commandsWait: true, handshakeAgain: false };
  const notification: NotificationDatagram = { type: 'notification', ...header, ...flags };
  const called = calls.call(notification, new Uint8Array(56), { address: '192.0.2.1', port: 40_000 });
  const acknowledge = (more: object = {}, sealedBy = keyOf(5)) =>
    receive(sealedBy.seal({ type: 'notification-acknowledgement', ...header, ...more }));
  assert.equal(acknowledge({}, keyOf(6)), 'DATAGRAM_MAC_INVALID');
  assert.equal(acknowledge({ sequence: 4 }), 'notification-foreign');
  const outcome = acknowledge();
  assert.equal(outcome, 'notification-acknowledged');
  assert.equal(hasAnswer(outcome), false);
  assert.equal(await called, true);
  assert.equal(acknowledge(), 'notification-foreign');
  assert.deepEqual(presence.currentPresence(5), before);
});
