import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import type { NotificationDatagram } from '../datagram/datagram.ts';
import { HeartbeatKeyDerivation } from '../datagram/heartbeat-key.ts';
import { NotificationSealer } from '../datagram/notification-sealer.ts';
import { NotificationIntake } from './notification-intake.ts';

const master = createSecretKey(randomBytes(32));
const sealer = new NotificationSealer(master);

function createIntake(productNumber = 42, epoch = 3): NotificationIntake {
  const key = Buffer.from(new HeartbeatKeyDerivation(master).deriveKey(productNumber, epoch)).toString(
    'base64url',
  );
  return new NotificationIntake({
    productNumber,
    heartbeat: { key, epoch, intervalMs: 60_000, offlineTimeoutMs: 180_000, udp: null },
  });
}

function notify(sequence: number, more: Partial<NotificationDatagram> = {}): NotificationDatagram {
  const nonce = randomBytes(16);
  return {
    type: 'notification',
    productNumber: 42,
    epoch: 3,
    sequence,
    commandsWait: true,
    handshakeAgain: false,
    nonce,
    ...more,
  };
}

test('a proven notification is taken, and its acknowledgement is the one that the server waits for', () => {
  const notification = notify(7);
  const taken = createIntake().take(sealer.seal(notification));
  assert.ok(taken !== undefined && taken !== 'older');
  assert.equal(taken.isNew, true);
  assert.deepEqual(taken.content, { commandsWait: true, handshakeAgain: false });
  assert.equal(sealer.isAcknowledgement(taken.acknowledgement, notification), true);
  assert.equal(sealer.isAcknowledgement(taken.acknowledgement, notify(7)), false, 'of another nonce');
  assert.equal(sealer.isAcknowledgement(taken.acknowledgement, { ...notification, sequence: 8 }), false);
});

test('a replayed notification is refused: the last one is known again, an earlier one is older', () => {
  const intake = createIntake();
  const [first, second] = [sealer.seal(notify(7)), sealer.seal(notify(9))];
  intake.take(first);
  intake.take(second);
  assert.equal(intake.take(first), 'older');
  const again = intake.take(second);
  assert.ok(again !== undefined && again !== 'older');
  assert.equal(again.isNew, false);
});

test('nothing is taken that is for another product, another handshake, of another type, or changed', () => {
  const intake = createIntake();
  assert.equal(intake.take(sealer.seal(notify(7, { productNumber: 43 }))), undefined);
  assert.equal(intake.take(sealer.seal(notify(7, { epoch: 2 }))), undefined);
  const taken = createIntake().take(sealer.seal(notify(7)));
  assert.ok(taken !== undefined && taken !== 'older');
  assert.equal(intake.take(taken.acknowledgement), undefined, 'an answer is not a call');
  const sealed = sealer.seal(notify(7));
  for (let index = 0; index < sealed.length; index++) {
    const changed = Uint8Array.from(sealed);
    changed[index] = (changed[index] ?? 0) ^ 1;
    assert.equal(intake.take(changed), undefined, `byte ${index}`);
  }
});

test('whatever bytes come, nothing is taken that the server has not sealed', () => {
  const intake = createIntake();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      assert.equal(intake.take(bytes), undefined);
    }),
  );
});

test('in whatever order notifications arrive, each is new once and none after a later one', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 60 }), (order) => {
      const intake = createIntake();
      const sealed = new Map(order.map((sequence) => [sequence, sealer.seal(notify(sequence))]));
      const acted: number[] = [];
      for (const sequence of order) {
        const taken = intake.take(sealed.get(sequence) ?? new Uint8Array(0));
        if (taken !== undefined && taken !== 'older' && taken.isNew) acted.push(sequence);
      }
      assert.deepEqual(
        acted,
        [...new Set(acted)].toSorted((left, right) => left - right),
      );
      assert.equal(acted.at(-1), order.length === 0 ? undefined : Math.max(...order));
    }),
  );
});
