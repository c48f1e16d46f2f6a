import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { NotificationDatagram } from '@holdfast/protocol';
import { DatagramCalls, SENDINGS } from './datagram-calls.ts';

const to = { address: '192.0.2.1', port: 50_000 };
const bytes = new Uint8Array(56);

function notify(sequence: number): NotificationDatagram {
  const nonce = randomBytes(16);
  const flags = { commandsWait: true, handshakeAgain: false };
  return { type: 'notification', productNumber: 1, epoch: 5, sequence, nonce, ...flags };
}

function answer({ productNumber, epoch, sequence, nonce }: NotificationDatagram, more: object = {}) {
  return { productNumber, epoch, sequence, copyNonce: () => nonce, ...more };
}

test('a notification is sent three times with pauses, and then given up', async () => {
  let sent = 0;
  const calls = new DatagramCalls(() => (sent += 1), 5);
  assert.equal(await calls.call(notify(1), bytes, to), false);
  assert.equal(sent, SENDINGS);
  assert.equal(calls.count, 0);
});

test('the answer ends it, and only the answer to exactly this notification', async () => {
  let sent = 0;
  const calls = new DatagramCalls(() => (sent += 1), 60_000);
  const notification = notify(7);
  const called = calls.call(notification, bytes, to);
  for (const wrong of [
    { epoch: 4 },
    { sequence: 6 },
    { productNumber: 2 },
    { copyNonce: () => randomBytes(16) },
  ]) {
    assert.equal(calls.takeAcknowledgement(answer(notification, wrong)), false);
  }
  assert.equal(calls.takeAcknowledgement(answer(notification)), true);
  assert.equal(await called, true);
  assert.equal(calls.takeAcknowledgement(answer(notification)), false, 'nobody waits any more');
  assert.equal(sent, 1);
});

test('a handshake and the stop of the server end what is under way', async () => {
  const calls = new DatagramCalls(() => undefined, 60_000);
  const first = calls.call(notify(1), bytes, to);
  calls.end(1);
  assert.equal(await first, false);
  const second = calls.call(notify(2), bytes, to);
  calls.stop();
  assert.equal(await second, false);
});
